import { usageError } from '../domain/errors.js';
import type { HashPolicy } from '../domain/ports/ports.js';
import type { NewStore, Store } from '../domain/ports/store-port.js';
import type { Catalog } from '../domain/scope/catalog.js';
import { checkCatalog } from '../domain/scope/catalog-check.js';
import { PRESETS, presetNames } from '../domain/scope/presets.js';
import { DEFAULT_BCRYPT_COST } from '../domain/secret/bcrypt-cost.js';
import { DEFAULT_PREFIX, parsePrefix } from '../domain/secret/secret-format.js';
import { parseActor } from '../domain/text/name.js';
import { workingDirectory } from '../files/working-directory.js';
import { openStoreAt, storePlace } from '../storage/open.js';
import { systemActor } from '../system/actor.js';
import { systemClock } from '../system/clock.js';
import { systemRandom } from '../system/random.js';
import { OPEN, REFERENCE, requireShape } from './input.js';
import { untilClosed } from './until-closed.js';

/** Initial contents of a new store. */
export interface NewStoreOptions {
  /** The name of a built-in catalog, or a catalog of your own; `moveworks` by default. */
  readonly catalog?: string | Catalog;
  /** How secrets are hashed; bcrypt at cost 10 by default. */
  readonly hash?: HashPolicy;
  /** Prefix of the secrets, 2 to 12 lower-case letters and digits; `cctl` by default. */
  readonly prefix?: string;
}

/** Options of {@link openStore}. */
export interface OpenStoreOptions {
  /** Creates the store when it does not exist; otherwise a missing store is an error. */
  readonly create?: NewStoreOptions;
  /** Author in the audit trail when this call creates the store; the operating-system user by default. */
  readonly actor?: string;
}

/**
 * Opens a store. A file of an older schema is migrated first, after a backup beside it; where that cannot be, it can
 * be read, and changes throw `store_unavailable`. Close it with `store.close()`; its methods throw a `CredctlError` `usage` afterwards.
 *
 * @param reference a path, `sqlite:PATH`, or `postgres://USER@HOST/DATABASE`
 * @throws CredctlError `store_unavailable` when there is none and `create` was not given, or when it cannot be
 *   opened; `denied` when others can read or change its file, or the database refuses the login; `integrity`
 *   when it is damaged or newer than this version; `usage` when the reference or an option is invalid
 * @example
 * const store = await openStore('/var/lib/billing/credctl.db', { create: { catalog: 'mparticle' } });
 */
export async function openStore(reference: string, options: OpenStoreOptions = {}): Promise<Store> {
  requireShape(REFERENCE, reference, 'reference');
  requireShape(OPEN, options, 'options');
  const place = storePlace(reference, workingDirectory, 'the reference');
  const system = { clock: systemClock, random: systemRandom };
  const { create } = options;
  const plan = create === undefined ? null : planOf(create, options.actor ?? systemActor(process.env));
  const store = await openStoreAt(place, system, {
    whenMissing: plan === null ? 'refuse' : 'create-on-write',
    newStore: async () => plan ?? planOf({}, systemActor(process.env)),
    onCreated: () => {},
  });
  // An empty write creates the file now, not at the first change.
  if (plan !== null) await store.write(async () => {});
  return untilClosed(store, 'store');
}

/** What a new store begins with; absent options have their defaults. */
export function planOf({ catalog = 'moveworks', hash, prefix }: NewStoreOptions, actor: string): NewStore {
  return {
    prefix: parsePrefix(prefix ?? DEFAULT_PREFIX),
    hashPolicy: hash ?? { scheme: 'bcrypt', cost: DEFAULT_BCRYPT_COST },
    catalog: catalogOf(catalog),
    author: { actor: parseActor(actor), reason: null },
  };
}

function catalogOf(catalog: string | Catalog): Catalog {
  if (typeof catalog !== 'string') {
    checkCatalog(catalog);
    return catalog;
  }
  const preset = PRESETS.get(catalog);
  if (preset !== undefined) return preset;
  throw usageError(`there is no built-in catalog ${catalog}`, `choose one of: ${presetNames.join(', ')}`);
}
