// @ts-check
/** A filled store that is open, with a sample of what is in it. */
import Database from 'better-sqlite3';

/**
 * @typedef {import('./library.mjs').Library} Library
 *
 * @typedef {object} Subject
 * @property {number} size how many credentials it was filled with
 * @property {string} path
 * @property {import('./library.ts').SqliteStore} store
 * @property {readonly Sample[]} samples scattered over the whole store, in no order
 * @property {() => Promise<void>} close
 *
 * @typedef {{ readonly name: string, readonly id: string, readonly versionId: string, readonly type: string }} Sample
 */

const SAMPLES = 1_000;

/** Shares no divisor with a power of ten, so that it reaches every credential, and far from the one before. */
const STRIDE = 617_411;

/**
 * @param {Library} library
 * @param {string} path
 * @param {number} size
 * @returns {Subject}
 */
export function openSubject({ openSqliteStore }, path, size) {
  const samples = sample(path, size);
  const store = openSqliteStore(path);
  if (store === null) throw new Error(`there is no store at ${path}`);
  return { size, path, store, samples, close: () => store.close() };
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
        from credential c join version v on v.credential_id = c.id where c.rowid = ?
        order by v.number desc limit 1`,
    );
    return Array.from(
      { length: Math.min(SAMPLES, size) },
      (_, index) => /** @type {Sample} */ (find.get(((index * STRIDE) % size) + 1)),
    );
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
