import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { NewStore, Store } from '../../../src/domain/ports/store-port.js';
import { PRESETS } from '../../../src/domain/scope/presets.js';
import type { StoreSystem } from '../../../src/storage/engine.js';
import { initStoreAt, openStoreAt } from '../../../src/storage/open.js';
import { openDatabase } from '../../../src/storage/sqlite/connection.js';
import { FixedClock } from '../dependencies/fixed-clock.js';
import { FixedRandom } from '../dependencies/fixed-random.js';
import { forgetPlace } from './forgotten-place.js';

/** A value that every engine takes as a parameter. */
export type SqlValue = string | number | null;

/** A fresh, real store, and what tests do behind its back. */
export interface TestStore {
  readonly store: Store;
  /** Another connection to the same store, as another process has one. */
  connect(): Promise<Store>;
  /** Reads rows with portable SQL, past the store. */
  ask<Row>(sql: string, ...parameters: SqlValue[]): Promise<readonly Row[]>;
  /** Changes rows with portable SQL, past the store and its constraints. */
  tamper(sql: string, ...parameters: SqlValue[]): Promise<void>;
  /** Closes every connection and removes the store. */
  dispose(): Promise<void>;
}

/** A kind of database that a store can live in. */
export interface Engine<Fresh extends TestStore = TestStore> {
  /** As `store info` calls it. */
  readonly name: string;
  /** As people call it, with its version where there are several. */
  readonly label: string;
  create(plan?: Partial<NewStore>): Promise<Fresh>;
}

/** A store in an SQLite file, with its path. */
export interface SqliteTestStore extends TestStore {
  readonly path: string;
}

/** What the tests' stores start with. */
export function newStorePlan(plan: Partial<NewStore> = {}): NewStore {
  const catalog = PRESETS.get('moveworks');
  if (catalog === undefined) throw new TypeError('there is no default preset');
  return {
    prefix: 'cctl',
    hashPolicy: { scheme: 'sha256' },
    catalog,
    author: { actor: 'tester@here', reason: null },
    ...plan,
  };
}

/** A system whose clock and generator are fixed. */
export function storeSystem(seed = 'store'): StoreSystem {
  return { clock: new FixedClock(), random: new FixedRandom(seed) };
}

/** A directory of its own with mode 0700, removed by `dispose`. */
export function temporaryDirectory(): { readonly path: string; dispose(): void } {
  const path = mkdtempSync(join(tmpdir(), 'credctl-test-'));
  return { path, dispose: () => rmSync(path, { recursive: true, force: true }) };
}

/** Makes stores in SQLite files of their own. The usual one is made once, then copied, which saves most of the time. */
class SqliteEngine implements Engine<SqliteTestStore> {
  readonly name = 'sqlite';
  readonly label = 'SQLite';
  #template: Promise<Buffer> | null = null;

  async create(plan?: Partial<NewStore>): Promise<SqliteTestStore> {
    const directory = temporaryDirectory();
    const path = join(directory.path, 'credctl.db');
    if (plan === undefined || Object.keys(plan).length === 0) {
      this.#template ??= makeTemplate();
      writeFileSync(path, await this.#template, { mode: 0o600 });
    } else {
      await (await initStoreAt(path, storeSystem(), newStorePlan(plan))).close();
    }
    return openTestStore(path, directory.dispose);
  }
}

async function makeTemplate(): Promise<Buffer> {
  const directory = temporaryDirectory();
  const path = join(directory.path, 'template.db');
  try {
    await (await initStoreAt(path, storeSystem(), newStorePlan())).close();
    forgetPlace(path);
    return readFileSync(path);
  } finally {
    directory.dispose();
  }
}

async function openTestStore(path: string, removeFiles: () => void): Promise<SqliteTestStore> {
  const connections: Store[] = [];
  const connect = async () => {
    const connection = await openStoreAt(path, storeSystem(), {
      whenMissing: 'refuse',
      newStore: async () => newStorePlan(),
      onCreated: () => {},
    });
    connections.push(connection);
    return connection;
  };
  const store = await connect();
  let opened: ReturnType<typeof openDatabase> | null = null;
  const behind = () => {
    if (opened !== null) return opened;
    opened = openDatabase(path);
    opened.pragma('foreign_keys = off');
    opened.pragma('ignore_check_constraints = on');
    return opened;
  };
  return {
    store,
    path,
    connect,
    async ask<Row>(sql: string, ...parameters: SqlValue[]) {
      return behind()
        .prepare<unknown[], Row>(sql)
        .all(...parameters);
    },
    async tamper(sql, ...parameters) {
      behind()
        .prepare(sql)
        .run(...parameters);
    },
    async dispose() {
      opened?.close();
      for (const connection of connections) await connection.close();
      removeFiles();
    },
  };
}

/** The engine that needs nothing but a file. */
export const SQLITE = new SqliteEngine();
