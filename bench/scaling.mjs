// @ts-check
/** What one operation costs in stores of different sizes. */
import Database from 'better-sqlite3';
import { checking } from './lookup.mjs';
import { costOf, ratioOf, repeated, takeTurns } from './measuring.mjs';
import { AUTHOR, record } from './record.mjs';
import { sampleOf } from './subject.mjs';

/**
 * @typedef {import('./library.mjs').Library} Library
 * @typedef {import('./subject.mjs').Subject} Subject
 * @typedef {(subject: Subject) => (turn: number) => Promise<unknown>} Operation
 */

const SAMPLES = 10;

/** What is inserted starts with this, and is removed again: the filled stores are used many times. */
const INSERTED = 'inserted/';

/**
 * @param {Library} library
 * @param {readonly Subject[]} subjects smallest first
 * @param {{ readonly rounds: number }} settings
 * @returns {Promise<import('./report.mjs').Scaling>}
 */
export async function scalingTable(library, subjects, { rounds }) {
  /** @type {readonly { name: string, times: number, of: Operation }[]} */
  const operations = [
    {
      name: 'list the first page of 50',
      times: 10,
      of:
        ({ store }) =>
        () =>
          firstPage(store),
    },
    { name: 'find by name', times: 100, of: (subject) => finding(subject, 'name') },
    { name: 'find by id', times: 100, of: (subject) => finding(subject, 'id') },
    { name: 'look up, compare, judge', times: 100, of: (subject) => checking(library, subject) },
    { name: 'insert one', times: 20, of: (subject) => inserting(library, subject) },
  ];
  const rows = [];
  for (const subject of subjects) removeInserted(subject);
  try {
    for (const { name, times, of } of operations) {
      const sides = subjects.map((subject) => repeated(times, of(subject)));
      const measured = await takeTurns(sides, { rounds, samples: SAMPLES });
      rows.push({
        name,
        micros: subjects.map((_, side) => costOf(measured, side) * 1_000),
        growth: ratioOf(measured, subjects.length - 1, 0),
      });
    }
  } finally {
    for (const subject of subjects) removeInserted(subject);
  }
  return { sizes: subjects.map(({ size }) => size), rows };
}

/** @param {Subject['store']} store */
function firstPage(store) {
  return store.listCredentials({ now: Date.now(), sort: 'name', limit: 50 });
}

/**
 * @param {Subject} subject
 * @param {'name' | 'id'} by
 */
function finding({ store, samples }, by) {
  return (/** @type {number} */ turn) => store.findCredential(sampleOf(samples, turn)[by]);
}

/**
 * A credential with its version and its audit event, in one durable transaction.
 *
 * @param {Library} library
 * @param {Subject} subject
 */
function inserting(library, { store }) {
  return (/** @type {number} */ turn) => {
    const now = Date.now();
    const { credential, version } = record(library, turn, now, `${INSERTED}${turn}`, null);
    return store.write(async (tx) => {
      await tx.insertCredential(credential);
      await tx.insertVersion({ version, hash: `$sha256$${'0'.repeat(64)}` });
      const target = /** @type {const} */ ({ kind: 'credential', id: credential.id, name: credential.name });
      await tx.appendAudit({ ...AUTHOR, action: 'credential.create', target, details: {} }, now);
    });
  };
}

/** @param {Subject} subject */
function removeInserted({ path }) {
  const database = new Database(path);
  try {
    database.pragma('foreign_keys = on');
    database
      .transaction(() => {
        database
          .prepare('delete from credential where name_key >= ? and name_key < ?')
          .run(INSERTED, `${INSERTED}~`);
        database.exec(
          `delete from audit_event where target_key >= '${INSERTED}' and target_key < '${INSERTED}~';
           update audit_head set (seq, hash) = (select seq, hash from audit_event order by seq desc limit 1)`,
        );
      })
      .immediate();
    database.pragma('wal_checkpoint(truncate)');
  } finally {
    database.close();
  }
}
