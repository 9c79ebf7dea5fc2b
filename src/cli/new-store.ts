import { usageError } from '../domain/errors.js';
import type { HashPolicy } from '../domain/ports/ports.js';
import type { NewStore } from '../domain/ports/store-port.js';
import type { Catalog } from '../domain/scope/catalog.js';
import { PRESETS, presetNames } from '../domain/scope/presets.js';
import { DEFAULT_BCRYPT_COST } from '../domain/secret/bcrypt-cost.js';
import { DEFAULT_PREFIX, parsePrefix } from '../domain/secret/secret-format.js';
import { didYouMean, nearest } from '../domain/text/nearest.js';
import { quote } from '../domain/text/quote.js';
import type { GlobalOptions } from './flags/global.js';
import type { Host } from './host/host.js';

/** Initial settings of a new store; absent ones come from the configuration file or the defaults. */
export interface NewStoreOptions {
  readonly prefix?: string | undefined;
  readonly hash?: 'bcrypt' | 'sha256' | undefined;
  readonly bcryptCost?: number | undefined;
  /** A preset's name, or a catalog. */
  readonly catalog?: string | Catalog | undefined;
}

/** Initial contents of a new store; in order of precedence: flags, configuration file, defaults. */
export function newStoreFrom(
  host: Host,
  globals: Pick<GlobalOptions, 'reason'>,
  options: NewStoreOptions,
): (config: Awaited<ReturnType<Host['config']>>) => NewStore {
  return (config) => ({
    prefix: parsePrefix(options.prefix ?? config.prefix ?? DEFAULT_PREFIX),
    hashPolicy: hashPolicy(
      options.hash ?? config.hash ?? 'bcrypt',
      options.bcryptCost ?? ((options.hash ?? config.hash) === 'sha256' ? undefined : config.bcrypt_cost),
    ),
    catalog: catalogOf(options.catalog ?? config.catalog ?? 'moveworks'),
    get author() {
      return { actor: host.actor, reason: globals.reason ?? null };
    },
  });
}

/**
 * The policy of `--hash` and `--bcrypt-cost`.
 *
 * @throws CredctlError `usage` for a cost without bcrypt
 */
export function hashPolicy(scheme: 'bcrypt' | 'sha256', cost: number | undefined): HashPolicy {
  if (scheme === 'bcrypt') return { scheme, cost: cost ?? DEFAULT_BCRYPT_COST };
  if (cost === undefined) return { scheme };
  throw usageError('--bcrypt-cost works only with bcrypt', 'leave out --bcrypt-cost, or use --hash bcrypt');
}

function catalogOf(named: string | Catalog): Catalog {
  return typeof named === 'string' ? preset(named) : named;
}

/**
 * A built-in catalog.
 *
 * @throws CredctlError `usage`
 */
export function preset(name: string): Catalog {
  const catalog = PRESETS.get(name);
  if (catalog !== undefined) return catalog;
  throw usageError(
    `there is no built-in catalog ${quote(name)}`,
    didYouMean(nearest(name, presetNames), presetNames),
  );
}
