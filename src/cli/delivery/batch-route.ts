import type { Credential } from '../../domain/credential/credential.js';
import { usageError } from '../../domain/errors.js';
import type { Destination, StopRequest } from '../../domain/ports/ports.js';
import type { Dependencies } from '../../usecases/dependencies.js';
import type { CommandContext } from '../command-context.js';
import { type DeliveryFlags, deliveryRoute } from '../flags/delivery.js';
import type { GlobalOptions } from '../flags/global.js';
import { outputFiles } from './output-directory.js';

/** Delivery flags of a command that rotates several credentials. */
export interface BatchFlags extends DeliveryFlags {
  readonly outputDir?: string;
}

/** Destinations of the secrets of a batch rotation. */
export interface BatchRoute {
  /** Sample destinations for the preflight of a batch. */
  readonly sample: readonly Destination[];
  readonly destinationsFor: (credential: Credential) => Promise<readonly Destination[]>;
}

/**
 * Requires a destination that takes several secrets: on one stream they would be indistinguishable.
 *
 * @param flag that asks for the batch
 * @throws CredctlError `usage`
 */
export function requireBatchDestination(
  flag: string,
  { outputDir, keychain }: BatchFlags,
  trailing: readonly string[] | null,
): void {
  if (outputDir === '') throw usageError('--output-dir is empty', 'give the path of a directory');
  if (trailing !== null || outputDir !== undefined || keychain === true) return;
  throw usageError(
    `${flag} needs a destination for the secrets`,
    'add --keychain, --output-dir DIRECTORY, or -- COMMAND',
  );
}

/** The destinations that the flags select, for each credential. */
export async function batchRoute(
  { host, trailing }: CommandContext,
  globals: GlobalOptions,
  deps: Dependencies,
  options: BatchFlags,
  stop: StopRequest,
): Promise<BatchRoute> {
  const { prefix } = await deps.store.settings();
  const files = options.outputDir === undefined ? null : outputFiles(options.outputDir, deps);
  const destinationsAt = (output: string | null): readonly Destination[] => {
    const file = output === null ? {} : { output, force: true as const };
    const flags = { ...options, ...file, print: false };
    const document = { prefix, members: { rotated: true } };
    return deliveryRoute(host, globals, flags, trailing, document, stop).destinations;
  };
  return {
    sample: destinationsAt(files?.sample ?? null),
    destinationsFor: async (credential) =>
      destinationsAt(files === null ? null : await files.pathFor(credential)),
  };
}
