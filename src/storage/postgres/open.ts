import { CredctlError, StoreExists } from '../../domain/errors.js';
import type { NewStore, Store } from '../../domain/ports/store-port.js';
import { EmptyStore, vanished } from '../empty-store.js';
import type { OpenOptions, StoreSystem } from '../engine.js';
import { PostgresPool } from './connection/pool.js';
import { parsePostgresUrl } from './connection/url.js';
import { createStore, inspectDatabase } from './schema/schema.js';
import { PostgresStore } from './store.js';

/**
 * Opens the store in the database at `url`, or an {@link EmptyStore} while the database has none.
 *
 * @throws CredctlError `store_unavailable` when there is none and `options.whenMissing` is `refuse`
 */
export async function openPostgresStore(
  url: string,
  system: StoreSystem,
  options: OpenOptions,
): Promise<Store> {
  const pool = poolFor(url);
  const store = await openIn(pool, options.whenMissing === 'create-on-write');
  if (store !== null) return store;
  await pool.close();
  if (options.whenMissing === 'refuse') {
    throw new CredctlError('store_unavailable', `there is no store in ${pool.location}`, {
      hint: "check the URL, or create a store with 'credctl store init'",
    });
  }
  const plan = { ...(await options.newStore()), id: system.random.uuid(pool.clock.now()) };
  const create = async () => {
    const { isOurs, store: created } = await make(url, plan);
    if (isOurs) options.onCreated(pool.location);
    return created;
  };
  return new EmptyStore(plan, pool.location, 'postgres', create, pool.clock);
}

/**
 * Creates a store in the database at `url`.
 *
 * @throws CredctlError `conflict` when there is one already
 */
export async function initPostgresStore(
  url: string,
  system: StoreSystem,
  newStore: NewStore,
): Promise<Store> {
  const plan = { ...newStore, id: system.random.uuid(system.clock.now()) };
  const { isOurs, location, store } = await make(url, plan);
  if (isOurs) {
    // Every change records the store's place; an empty first one does so at once.
    await store.write(async () => {});
    return store;
  }
  await store.close();
  throw new StoreExists(`in ${location}`, 'database');
}

/** Creates the store unless it exists, and opens it. */
async function make(
  url: string,
  plan: NewStore & { readonly id: string },
): Promise<{ readonly isOurs: boolean; readonly location: string; readonly store: Store }> {
  const pool = poolFor(url);
  const { location } = pool;
  try {
    const existing = await openIn(pool);
    if (existing !== null) return { isOurs: false, location, store: existing };
    const isOurs = await createStore(pool, plan, pool.clock.now());
    const store = await openIn(pool);
    if (store !== null) return { isOurs, location, store };
    throw vanished(`the store in ${location}`);
  } catch (fault) {
    await pool.close();
    throw fault;
  }
}

/** @param changes whether it is to be changed, for which the earlier schema is refused at once */
async function openIn(pool: PostgresPool, changes = false): Promise<Store | null> {
  try {
    const found = await inspectDatabase(pool);
    if (changes) await found?.schema.requirePresent(pool.connection);
    return found === null ? null : new PostgresStore(pool, found);
  } catch (fault) {
    await pool.close().catch(() => {});
    throw fault;
  }
}

function poolFor(url: string): PostgresPool {
  return new PostgresPool(parsePostgresUrl(url, process.env));
}
