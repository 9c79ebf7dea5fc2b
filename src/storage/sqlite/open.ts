import { CredctlError, StoreExists } from '../../domain/errors.js';
import type { NewStore, Store } from '../../domain/ports/store-port.js';
import { EmptyStore, vanished } from '../empty-store.js';
import type { OpenOptions, StoreSystem } from '../engine.js';
import { OlderSchema } from '../schema/older-schema.js';
import { requireLibrary } from './connection.js';
import { shown } from './file/access.js';
import { isClosedToLog } from './file/header.js';
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
      hint: "check the path, or create a store with 'credctl store init'",
    });
  }
  if (options.whenMissing === 'create-on-write') requireLibrary();
  const plan = { ...(await options.newStore()), id: system.random.uuid(system.clock.now()) };
  return new EmptyStore(plan, path, 'sqlite', async () => {
    const isOurs = await createSqliteStore(path, plan, system.clock.now());
    if (isOurs) options.onCreated(path);
    const created = openSqliteStore(path);
    if (created !== null) return created;
    throw vanished(shown(path));
  });
}

/** Reads an image where SQLite could not open the file, and leaves older schemas to {@link openOlderFile}. */
async function openCurrent(path: string, system: StoreSystem, options: OpenOptions): Promise<Store | null> {
  const looks = options.whenMissing !== 'create-on-write';
  try {
    if (looks && isClosedToLog(path)) {
      return await (await import('./open-older.js')).openClosedFile(path, options);
    }
    return openSqliteStore(path, options.busySeconds);
  } catch (fault) {
    if (!looks && isClosedToLog(path)) {
      throw await (await import('./open-older.js')).refusalOfClosed(path, fault);
    }
    if (!(fault instanceof OlderSchema) || options.leavesOlder === true) throw fault;
    return (await import('./open-older.js')).openOlderFile(path, fault.schema, system, options);
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
  const exists = new StoreExists(`at ${shown(path)}`, 'file');
  if (openSqliteStore(path) !== null) throw exists;
  requireLibrary();
  const plan = { ...newStore, id: system.random.uuid(system.clock.now()) };
  if (!(await createSqliteStore(path, plan, system.clock.now()))) throw exists;
  const created = openSqliteStore(path);
  if (created === null) throw vanished(shown(path));
  return created;
}
