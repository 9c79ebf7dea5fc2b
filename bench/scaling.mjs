// @ts-check
/** What one operation costs in stores of different sizes. */
import { checking } from './lookup.mjs';
import { costOf, ratioOf, repeated, takeTurns } from './measuring.mjs';
import { AUTHOR, DAY_MS, RARE_LABEL, RARE_TEXT, record, serviceName, teamOf, timeOf } from './record.mjs';
import { sampleOf } from './subject.mjs';

/**
 * @typedef {import('./library.mjs').Library} Library
 * @typedef {import('./subject.mjs').Subject} Subject
 * @typedef {import('../src/domain/ports/store-port.js').CredentialQuery} CredentialQuery
 * @typedef {import('../src/domain/ports/store-port.js').CredentialSort} CredentialSort
 * @typedef {(subject: Subject) => (turn: number) => Promise<unknown>} Operation
 * @typedef {{ readonly name: string, readonly times: number, readonly of: Operation }} Measured
 */

const SAMPLES = 6;

/** What is inserted starts with this, and is removed again: the filled stores are used many times. */
const INSERTED = 'inserted/';

/**
 * @param {Library} library
 * @param {readonly Subject[]} subjects smallest first
 * @param {{ readonly rounds: number }} settings
 * @returns {Promise<Omit<import('./report.mjs').Scaling, 'engine'>>}
 */
export async function scalingTable(library, subjects, { rounds }) {
  const rows = [];
  for (const subject of subjects) await removeInserted(subject);
  try {
    for (const { name, times, of } of operations(library)) {
      const sides = subjects.map((subject) => repeated(times, of(subject)));
      const measured = await takeTurns(sides, { rounds, samples: SAMPLES });
      rows.push({
        name,
        micros: subjects.map((_, side) => costOf(measured, side) * 1_000),
        growth: ratioOf(measured, subjects.length - 1, 0),
      });
    }
  } finally {
    for (const subject of subjects) await removeInserted(subject);
  }
  return { sizes: subjects.map(({ size }) => size), rows };
}

/**
 * @param {Library} library
 * @returns {readonly Measured[]}
 */
function operations(library) {
  return [
    ...pages(library),
    ...filters(),
    { name: 'find by name', times: 50, of: (subject) => finding(subject, 'name') },
    { name: 'find by id', times: 50, of: (subject) => finding(subject, 'id') },
    { name: 'find by handle', times: 50, of: (subject) => finding(subject, 'handle') },
    { name: 'look up, compare, judge', times: 50, of: (subject) => checking(library, subject) },
    { name: 'insert one', times: 10, of: (subject) => inserting(library, subject) },
    { name: 'audit list, by target', times: 20, of: auditing(({ name }) => ({ target: name })) },
    { name: 'audit list, by a handle', times: 20, of: auditing((sample) => ({ target: handleOf(sample) })) },
    { name: 'audit list, by a name of nobody', times: 20, of: auditing(() => ({ target: 'nobody' })) },
    { name: 'audit list, by action', times: 20, of: auditing(() => ({ action: 'credential.create' })) },
    { name: 'audit list, by a rare action', times: 20, of: auditing(() => ({ action: 'store.create' })) },
  ];
}

/**
 * @param {Library} library
 * @returns {readonly Measured[]}
 */
function pages({ cursorAt, LAST_NUMBER }) {
  /** The key of the middle, in each order. @type {Readonly<Record<CredentialSort, (size: number) => string | number>>} */
  const middles = {
    name: (size) => serviceName(Math.floor(size / 2)),
    created: (size) => timeOf(Math.floor(size / 2)),
    'last-used': () => timeOf(0) + 275 * DAY_MS,
    expires: () => Number.MAX_SAFE_INTEGER,
  };
  /** What comes next in the order: before every id for the last one, after all of them for the others. @type {Readonly<Record<CredentialSort, string | number>>} */
  const ties = { name: '~', created: '~', 'last-used': LAST_NUMBER, expires: '' };
  return /** @type {const} */ (['name', 'created', 'last-used', 'expires']).flatMap((sort) => [
    page(`list by ${sort}, first page`, () => ({ sort })),
    page(`list by ${sort}, in the middle`, ({ size }) => ({
      sort,
      cursor: cursorAt(sort, middles[sort](size), ties[sort]),
    })),
  ]);
}

/** @returns {readonly Measured[]} */
function filters() {
  const now = Date.now();
  return [
    page('list, type', () => ({ type: 'api-key' })),
    page('list, type, by created', () => ({ type: 'api-key', sort: 'created' })),
    page('list, active', () => ({ status: 'active' })),
    page('list, inactive (2 %)', () => ({ status: 'inactive' })),
    page('list, inactive, by created', () => ({ status: 'inactive', sort: 'created' })),
    page('list, expired (2 %)', () => ({ status: 'expired' })),
    page('list, of inactive owners (none)', () => ({ status: 'owner_inactive' })),
    page('list, active, by expires', () => ({ status: 'active', sort: 'expires' })),
    page('list, scope (a third)', () => ({ scope: 'data:users' })),
    page('list, scope of nobody', () => ({ scope: 'data:nothing' })),
    page('list, API (all)', () => ({ api: 'data' })),
    page('list, API (all), by created', () => ({ api: 'data', sort: 'created' })),
    page('list, API of nobody', () => ({ api: 'events' })),
    page('list, may (a third)', () => ({ can: 'data:users' })),
    page('list, may (nobody)', () => ({ can: 'events:messages' })),
    page('list, owner', ownedBy()),
    page('list, owner, by created', ownedBy({ sort: 'created' })),
    page('list, label (an eighth)', () => ({ label: { key: 'env', value: 'prod' } })),
    page('list, label (few)', () => ({ label: { key: 'team', value: teamOf(0) } })),
    page('list, label (one)', () => ({ label: RARE_LABEL })),
    page('list, due (2 %)', () => ({ dueBy: now })),
    page('list, due within two years before', () => ({ dueBy: timeOf(0) })),
    page('list, expiring (a fifth), by expires', () => ({ ...endsInTenYears(), sort: 'expires' })),
    page('list, expiring (a fifth)', endsInTenYears),
    page('list, expiring (none), by expires', () => ({ expiresFrom: 0, expiresBy: 1, sort: 'expires' })),
    page('list, unused for long (most)', () => ({ unusedSince: now })),
    page('list, unused, by last-used', () => ({ unusedSince: now - 300 * DAY_MS, sort: 'last-used' })),
    page('search, text of all names', () => ({ search: 'service' })),
    page('search, text of a quarter', () => ({ search: 'orders' })),
    page('search, a rare text', () => ({ search: RARE_TEXT })),
    page('search, one name', () => ({ search: 'ice-0000042' })),
    page('search, a handle', ({ samples }) => ({ search: handleOf(sampleOf(samples, 0)) })),
    page('search, text of nothing', () => ({ search: 'no such text' })),
  ];
}

/**
 * @param {string} name
 * @param {(subject: Subject) => Partial<CredentialQuery>} filter
 * @returns {Measured}
 */
function page(name, filter) {
  return {
    name,
    times: 5,
    of: (subject) => {
      /** @type {CredentialQuery} */
      const query = { now: Date.now(), sort: 'name', limit: 50, ...filter(subject) };
      return () => subject.store.listCredentials(query);
    },
  };
}

/** @param {Partial<CredentialQuery>} [more] */
function ownedBy(more = {}) {
  return (/** @type {Subject} */ { owner }) => ({ ownerId: owner, ...more });
}

/**
 * @param {Subject} subject
 * @param {'name' | 'id' | 'handle'} by
 */
function finding({ store, samples }, by) {
  return (/** @type {number} */ turn) => {
    const sample = sampleOf(samples, turn);
    return store.findCredential(by === 'handle' ? handleOf(sample) : sample[by]);
  };
}

/** @param {import('./subject.mjs').Sample} sample */
function handleOf({ type, versionId }) {
  return `cctl_${type === 'api-key' ? 'key' : 'sec'}_${versionId}`;
}

/** Those that end ten years after they were made. */
function endsInTenYears() {
  const first = timeOf(0) + 3_600 * DAY_MS;
  return { expiresFrom: first, expiresBy: first + 100 * DAY_MS };
}

/** @param {(sample: import('./subject.mjs').Sample) => Partial<import('../src/domain/ports/store-port.js').AuditQuery>} filter */
function auditing(filter) {
  return (/** @type {Subject} */ { store, samples }) =>
    (/** @type {number} */ turn) =>
      store.listAudit({ limit: 50, ...filter(sampleOf(samples, turn)) });
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
async function removeInserted({ execute, tidy }) {
  const inserted = `select key from credential where name_key >= '${INSERTED}' and name_key < '${INSERTED}~'`;
  await execute(
    `delete from version_hash where credential_key in (${inserted});
     delete from credential_scope where credential_key in (${inserted});
     delete from credential_label where credential_key in (${inserted});
     delete from credential where key in (${inserted});
     delete from audit_event where target_key >= '${INSERTED}' and target_key < '${INSERTED}~';
     update audit_head set (seq, hash) = (select seq, hash from audit_event order by seq desc limit 1)`,
  );
  await tidy();
}
