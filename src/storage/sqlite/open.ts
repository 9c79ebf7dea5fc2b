import { CredctlError } from '../../domain/errors.js';
import type { NewStore, Store } from '../../domain/ports/store-port.js';
import { EmptyStore, vanished } from '../empty-store.js';
import type { OpenOptions, StoreSystem } from '../engine.js';
import { OlderSchema } from '../schema/older-schema.js';
import { requireAddon } from './connection.js';
import { isReadOnly, shown } from './file/access.js';
import { createSqliteStore, openSqliteStore } from './store.js';

/**
 * Opens the store in a file, or an {@link EmptyStore} while there is none.
 *
 * @throws CredctlError `store_unavailable` when there is none and `options.whenMissing` is `refuse`
 */
export async function openSqlite(path: string, system: StoreSystem, options: OpenOptions): Promise<Store> {
  const store = await openCurrent(path, system, options);
  if (store !== null) {
    if (options.whenMissing === 'create-on-write') await sweepBeside(path);
    return store;
  }
  if (options.whenMissing === 'refuse') {
    throw new CredctlError('store_unavailable', `there is no store at ${shown(path)}`, {
      hint: "check the path, or make one with 'credctl store init'",
    });
  }
  if (options.whenMissing === 'create-on-write') requireAddon();
  const plan = { ...(await options.newStore()), id: system.random.uuid(system.clock.now()) };
  return new EmptyStore(plan, path, 'sqlite', async () => {
    const isOurs = await createSqliteStore(path, plan, system.clock.now());
    if (isOurs) options.onCreated(path);
    const created = openSqliteStore(path);
    if (created !== null) return created;
    throw vanished(shown(path));
  });
}

/**
 * Migrates an older store first if it is to be changed. For reading, the older schema is refused, since migrating
 * needs the right to write.
 */
async function openCurrent(path: string, system: StoreSystem, options: OpenOptions): Promise<Store | null> {
  if (options.whenMissing !== 'create-on-write' && isReadOnly(path)) {
    return (await import('./file/read-only.js')).openReadOnly(path);
  }
  try {
    return openSqliteStore(path, options.busySeconds);
  } catch (fault) {
    if (!(fault instanceof OlderSchema) || options.whenMissing !== 'create-on-write') throw fault;
    const { migratableSqlite } = await import('./migrate.js');
    const progress = { watch: () => async () => {} };
    const { author } = await options.newStore();
    const migrated = await migratableSqlite(path, progress).migrate(author, system.clock.now());
    options.onMigrated?.(migrated);
    return openSqliteStore(path);
  }
}

/** Removes temporary files of killed commands beside the store; those of other PID namespaces only after an hour. */
async function sweepBeside(path: string): Promise<void> {
  const { sweepLeftovers } = await import('../../files/leftovers.js');
  sweepLeftovers(path, ['new', 'draft', 'tmp']);
}

/**
 * Creates a store in a file.
 *
 * @throws CredctlError `conflict` when there is one already
 */
export async function initSqliteStore(path: string, system: StoreSystem, newStore: NewStore): Promise<Store> {
  const exists = new CredctlError('conflict', `there is a store at ${shown(path)} already`, {
    hint: "change its hashing with 'credctl store set', or name another file with --store",
  });
  if (openSqliteStore(path) !== null) throw exists;
  requireAddon();
  const plan = { ...newStore, id: system.random.uuid(system.clock.now()) };
  if (!(await createSqliteStore(path, plan, system.clock.now()))) throw exists;
  const created = openSqliteStore(path);
  if (created === null) throw vanished(shown(path));
  return created;
}
