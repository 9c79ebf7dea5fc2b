// @ts-check
/** A filled store that is open, with a sample of what is in it. */
import Database from 'better-sqlite3';

/**
 * @typedef {import('./library.mjs').Library} Library
 *
 * @typedef {object} Subject
 * @property {number} size how many credentials it was filled with
 * @property {import('../src/domain/ports/store-port.js').Store} store
 * @property {string} owner id of one of the owners
 * @property {readonly Sample[]} samples scattered over the whole store, in no order
 * @property {(statements: string) => Promise<void>} execute runs SQL in a transaction, past the program
 * @property {() => Promise<void>} tidy leaves nothing to be done later that would disturb a measurement
 * @property {() => Promise<void>} close
 *
 * @typedef {Subject & { readonly path: string }} FileSubject
 *
 * @typedef {{ readonly name: string, readonly id: string, readonly versionId: string, readonly type: string }} Sample
 */

/** How many there are at most. */
export const SAMPLED = 1_000;

/** Shares no divisor with a power of ten, so that it reaches every credential, and far from the one before. */
const STRIDE = 617_411;

/**
 * @param {Library} library
 * @param {string} path
 * @param {number} size
 * @returns {FileSubject}
 */
export function openSubject({ openSqliteStore }, path, size) {
  const { owner, samples } = sample(path, size);
  const store = openSqliteStore(path);
  if (store === null) throw new Error(`there is no store at ${path}`);
  return {
    size,
    path,
    store,
    owner,
    samples,
    execute: (statements) =>
      onFile(path, (database) => database.transaction(() => database.exec(statements)).immediate()),
    tidy: () => onFile(path, (database) => database.pragma('wal_checkpoint(truncate)')),
    close: () => store.close(),
  };
}

/**
 * @param {string} path
 * @param {(database: import('better-sqlite3').Database) => unknown} work
 */
async function onFile(path, work) {
  const database = new Database(path);
  try {
    database.pragma('foreign_keys = on');
    work(database);
  } finally {
    database.close();
  }
}

/**
 * The place of a sample among all that there are, from 1 on.
 *
 * @param {number} index
 * @param {number} size
 */
export function samplePosition(index, size) {
  return ((index * STRIDE) % size) + 1;
}

/**
 * @param {string} path
 * @param {number} size
 */
function sample(path, size) {
  const database = new Database(path, { readonly: true });
  try {
    const find = database.prepare(
      `select c.name, c.id, v.id as versionId, c.type
        from credential c join version v on v.credential_key = c.key where c.key = ?
        order by v.number desc limit 1`,
    );
    const owner = /** @type {string} */ (
      database.prepare("select id from owner where name_key = 'owner-000'").pluck().get()
    );
    const samples = Array.from(
      { length: Math.min(SAMPLED, size) },
      (_, index) => /** @type {Sample} */ (find.get(samplePosition(index, size))),
    );
    return { owner, samples };
  } finally {
    database.close();
  }
}

/**
 * One sample after the other, again and again.
 *
 * @template T
 * @param {readonly T[]} samples
 * @param {number} turn
 * @returns {T}
 */
export function sampleOf(samples, turn) {
  const found = samples[turn % samples.length];
  if (found === undefined) throw new Error('there are no samples');
  return found;
}
