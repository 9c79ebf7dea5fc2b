// @ts-check
/** How fast credentials can be issued one after the other, against inserts that do nothing else. */
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { makeStore } from './bulk-loader.mjs';
import { repeated, repeatedSync, takeTurns } from './measuring.mjs';
import { AUTHOR } from './record.mjs';
import { measuredRow } from './report.mjs';

/** @typedef {import('./library.mjs').Library} Library */

/** Credentials in a sample, and samples in a round. */
const CREDENTIALS = 50;
const SAMPLES = 6;

/**
 * @param {Library} library
 * @param {string} directory for the stores, which stay small
 * @param {{ readonly rounds: number }} settings
 */
export async function bulkRow(library, directory, { rounds }) {
  const path = join(directory, 'bulk.db');
  await makeStore(library, path);
  const store = library.openSqliteStore(path);
  if (store === null) throw new Error('the store vanished');
  const database = openPlain(join(directory, 'plain.db'));
  try {
    const measured = await takeTurns(
      [repeated(CREDENTIALS, issuing(library, store)), repeatedSync(CREDENTIALS, inserting(database))],
      { rounds, samples: SAMPLES },
    );
    return measuredRow(
      { name: 'issue, sha256', peer: 'raw insert, FULL', unit: '/s', goal: { of: 'speed', value: 0.25 } },
      measured,
    );
  } finally {
    database.close();
    await store.close();
  }
}

/**
 * The use case with all that the delivery protocol demands, into memory.
 *
 * @param {Library} library
 * @param {import('./library.ts').SqliteStore} store
 */
function issuing(library, store) {
  const deps = {
    store,
    clock: library.systemClock,
    random: library.systemRandom,
    hasher: library.secretHasher,
    processes: library.systemProcesses(),
    author: AUTHOR,
  };
  return (/** @type {number} */ turn) =>
    library.issueCredential(deps, {
      name: `service-${turn}`,
      type: 'api-key',
      scopes: ['data:conversations'],
      owner: null,
      description: null,
      labels: new Map(),
      expiresAt: null,
      rotateEvery: null,
      destinations: [memory()],
    });
}

/** @returns {import('./library.ts').Destination} */
function memory() {
  /** @type {import('../src/domain/ports/ports.js').Delivery[]} */
  const delivered = [];
  return {
    kind: 'file',
    replaces: false,
    preflight: async () => {},
    deliver: async (delivery) => void delivered.push(delivery),
    undo: async () => {},
  };
}

/** @param {string} path */
function openPlain(path) {
  const database = new Database(path);
  database.exec(
    `pragma journal_mode = wal; pragma synchronous = full;
     create table credential (id text primary key, name text not null unique, hash text not null, created_at integer)`,
  );
  return database;
}

/** @param {import('better-sqlite3').Database} database */
function inserting(database) {
  const insert = database.prepare('insert into credential values (?, ?, ?, ?)');
  const hash = `$sha256$${'0'.repeat(64)}`;
  return (/** @type {number} */ turn) => insert.run(`id-${turn}`, `service-${turn}`, hash, Date.now());
}
