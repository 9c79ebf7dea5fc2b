import type { Credential } from '../../domain/credential.js';
import { type Duration, parseDuration } from '../../domain/duration.js';
import { usageError } from '../../domain/errors.js';
import type { Destination } from '../../domain/ports.js';
import { DEFAULT_GRACE } from '../../domain/version.js';
import type { Dependencies } from '../../usecases/dependencies.js';
import { type DueProgress, dueCredentials, type RotatedDue, rotateDue } from '../../usecases/rotate-due.js';
import type { CommandContext } from '../command-context.js';
import { type DeliveryFlags, deliveryRoute } from '../delivery-options.js';
import { EXIT_CODES, errorText, errorView } from '../exit.js';
import type { Host } from '../host.js';
import type { GlobalOptions } from '../options.js';
import { jsonDocument } from '../render/json.js';
import { changing, note, reading } from '../session.js';

/** What `rotate --due` takes besides the delivery flags. */
export interface RotateDueOptions extends DeliveryFlags {
  readonly within?: Duration;
  readonly grace?: Duration;
  readonly dryRun?: true;
  readonly outputDir?: string;
}

/** Rotates every credential whose policy asks for it, one at a time, and tells what became of each. */
export async function runRotateDue(
  context: CommandContext,
  globals: GlobalOptions,
  options: RotateDueOptions,
): Promise<void> {
  const { host, trailing } = context;
  const dueBy = host.clock.now() + (options.within?.ms ?? 0);
  if (options.dryRun === true) return listDue(host, globals, dueBy);
  refuseStdout(options, trailing);
  await changing(host, globals, async (deps) => {
    const destinationsFor = await routes(host, globals, deps, options, trailing);
    const result = await rotateDue(deps, {
      dueBy,
      supersede: { kind: 'grace', ms: (options.grace ?? parseDuration(DEFAULT_GRACE)).ms },
      destinationsFor,
      onProgress: (progress) => showProgress(host, globals, progress),
    });
    report(host, globals, result);
    if (result.failed.length > 0) context.setExitCode(EXIT_CODES.partial);
  });
}

async function listDue(host: Host, globals: GlobalOptions, dueBy: number): Promise<void> {
  await reading(host, globals, async (store) => {
    const names = (await dueCredentials(store, dueBy, host.clock.now())).map(({ name }) => name);
    if (globals.json) {
      host.out.write(jsonDocument({ would_rotate: names, failed: [], skipped: [] }));
      return;
    }
    for (const name of names) host.out.write(`${name}\n`);
    note(host, globals, `${names.length} would be rotated`);
  });
}

/** Several secrets on one stream could not be told apart. */
function refuseStdout(options: RotateDueOptions, trailing: readonly string[] | null): void {
  if (options.output !== undefined) {
    throw usageError('--due and --output exclude each other', 'name a directory with --output-dir');
  }
  if (options.print === true) {
    throw usageError('--due prints no secrets', 'use a command after --, --keychain or --output-dir');
  }
  if (trailing === null && options.outputDir === undefined && options.keychain !== true) {
    throw usageError(
      '--due needs a destination for the secrets',
      'name a command after --, --keychain or --output-dir',
    );
  }
}

async function routes(
  host: Host,
  globals: GlobalOptions,
  deps: Dependencies,
  options: RotateDueOptions,
  trailing: readonly string[] | null,
): Promise<(credential: Credential) => readonly Destination[]> {
  const { prefix } = await deps.store.settings();
  return (credential) => {
    const output =
      options.outputDir === undefined
        ? {}
        : { output: `${options.outputDir}/${credential.name.replaceAll('/', '__')}`, force: true as const };
    const flags = { ...options, ...output, print: false };
    const document = { prefix, members: { rotated: true } };
    return deliveryRoute(host, { ...globals, json: false }, flags, trailing, document).destinations;
  };
}

function showProgress(
  host: Host,
  globals: GlobalOptions,
  { index, total, name, outcome }: DueProgress,
): void {
  if (!host.err.isTerminal || outcome === 'begun') return;
  note(host, globals, `[${index}/${total}] ${name}: ${outcome}`);
}

function report(host: Host, globals: GlobalOptions, result: RotatedDue): void {
  if (globals.json) {
    host.out.write(
      jsonDocument({
        rotated: result.rotated,
        failed: result.failed.map(({ name, fault }) => ({ name, error: errorView(fault) })),
        skipped: result.skipped,
      }),
    );
    return;
  }
  for (const { name, fault } of result.failed) {
    const view = errorView(fault);
    host.err.write(errorText({ ...view, message: `${name}: ${view.message}` }, false));
  }
  for (const { name, reason } of result.skipped) note(host, globals, `skipped ${name}: ${reason}`);
  note(
    host,
    globals,
    `${result.rotated.length} rotated, ${result.failed.length} failed, ${result.skipped.length} skipped`,
  );
}
