import { isAbsolute, resolve } from 'node:path';
import { CredctlError } from '../domain/errors.js';
import type { Migrated } from '../domain/ports/migration-port.js';
import type { Clock, Random } from '../domain/ports/ports.js';
import type { NewStore, Store } from '../domain/ports/store-port.js';
import { parseStoreReference } from '../domain/text/store-reference.js';
import { isUndecodable, undecodable } from '../domain/text/utf8.js';
import { EmptyStore, vanished } from './empty-store.js';
import { OlderSchema } from './schema/older-schema.js';
import { isReadOnly, shown } from './sqlite/access.js';
import { requireAddon } from './sqlite/connection.js';
import { createSqliteStore, openSqliteStore } from './sqlite/store.js';

/** What a store needs of the machine besides its file. */
export interface StoreSystem {
  readonly clock: Clock;
  readonly random: Random;
}

/** What a command does when there is no store yet. */
export type WhenMissing = 'read-as-empty' | 'create-on-write' | 'refuse';

export interface OpenOptions {
  readonly whenMissing: WhenMissing;
  /** What a store made by this command starts with; asked for when there is none yet. */
  readonly newStore: () => Promise<NewStore>;
  /** Called once this command has made the store. */
  readonly onCreated: (location: string) => void;
  /** Called once this command has migrated the store, which is to be changed and was made by an older version. */
  readonly onMigrated?: (migrated: Migrated) => void;
}

/**
 * Where the store is that a reference names: the absolute path of a file, or the URL of a PostgreSQL database.
 *
 * @param noun what messages call the reference
 * @throws CredctlError `usage` for what names neither; the reference is never repeated
 */
export function storePlace(reference: string, workingDirectory: () => string, noun = 'the store'): string {
  const named = parseStoreReference(reference, noun);
  if (named.kind === 'database') return named.url;
  if (isAbsolute(named.path)) return named.path;
  const path = resolve(workingDirectory(), named.path);
  if (isUndecodable(path)) throw undecodable('the path of the working directory');
  return path;
}

/** Whether a place is a database of PostgreSQL. */
export function isPostgresUrl(place: string): boolean {
  return place.includes(':') && /^postgres(?:ql)?:/i.test(place);
}

/** Opens the store at a place, or what stands for it while it does not exist. */
export async function openStoreAt(place: string, system: StoreSystem, options: OpenOptions): Promise<Store> {
  if (!isPostgresUrl(place)) return openSqlite(place, system, options);
  return (await import('./postgres/open.js')).openPostgresStore(place, system, options);
}

async function openSqlite(path: string, system: StoreSystem, options: OpenOptions): Promise<Store> {
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

/** What is to be changed is migrated first; who only looks is told to do it, and needs no right to write. */
async function openCurrent(path: string, system: StoreSystem, options: OpenOptions): Promise<Store | null> {
  if (options.whenMissing !== 'create-on-write' && isReadOnly(path)) {
    return (await import('./sqlite/read-only.js')).openReadOnly(path);
  }
  try {
    return openSqliteStore(path);
  } catch (fault) {
    if (!(fault instanceof OlderSchema) || options.whenMissing !== 'create-on-write') throw fault;
    const { migratableSqlite } = await import('./sqlite/migrate.js');
    const surroundings = { watch: () => async () => {} };
    const { author } = await options.newStore();
    const migrated = await migratableSqlite(path, surroundings).migrate(author, system.clock.now());
    options.onMigrated?.(migrated);
    return openSqliteStore(path);
  }
}

/** Every change removes what killed commands have left beside the store; those of other containers, an hour later. */
async function sweepBeside(path: string): Promise<void> {
  const { sweepLeftovers } = await import('../files/leftovers.js');
  sweepLeftovers(path, ['new', 'draft', 'tmp']);
}

/** Makes a store; a conflict when there is one already. */
export async function initStoreAt(place: string, system: StoreSystem, newStore: NewStore): Promise<Store> {
  if (!isPostgresUrl(place)) return initSqlite(place, system, newStore);
  return (await import('./postgres/open.js')).initPostgresStore(place, system, newStore);
}

async function initSqlite(path: string, system: StoreSystem, newStore: NewStore): Promise<Store> {
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
