// @ts-check
/**
 * Fills a store faster than the program would: the real schema, the program's own columns and audit chain, but plain
 * inserts in large transactions, and the indexes made at the end.
 */
import { createHash } from 'node:crypto';
import Database from 'better-sqlite3';
import { AUTHOR, FIRST_TIME, nameOf, record, SECRET, timeOf, usedAt } from './record.mjs';

/**
 * @typedef {import('./library.mjs').Library} Library
 * @typedef {import('better-sqlite3').Database} SqliteDatabase
 */

const BATCH = 100_000;

/** Credentials of an owner, as long as that makes no more owners than that. */
const OWNED = 10;
const MOST_OWNERS = 1_000;

/** What a store keeps of {@link SECRET}. */
const HASH = `$sha256$${createHash('sha256').update(SECRET).digest('hex')}`;

/**
 * @param {Library} library
 * @param {string} path of the store to make
 * @param {number} count
 * @param {(step: string) => void} progress
 * @param {string} [hash] what it keeps of every secret
 */
export async function loadCredentials(library, path, count, progress, hash = HASH) {
  await makeStore(library, path);
  const database = new Database(path);
  try {
    database.exec(
      `pragma locking_mode = exclusive; pragma journal_mode = off; pragma synchronous = off;
       pragma foreign_keys = off; pragma cache_size = -800000`,
    );
    const indexes = /** @type {{ name: string, sql: string }[]} */ (
      database.prepare("select name, sql from sqlite_master where type = 'index' and sql is not null").all()
    );
    const triggers = /** @type {{ name: string, sql: string }[]} */ (
      database.prepare("select name, sql from sqlite_master where type = 'trigger'").all()
    );
    for (const { name } of indexes) database.exec(`drop index "${name}"`);
    for (const { name } of triggers) database.exec(`drop trigger "${name}"`);
    insertAll(library, database, count, progress, hash);
    progress('indexes');
    for (const { sql } of indexes) database.exec(sql);
    for (const { sql } of triggers) database.exec(sql);
    if (triggers.length > 0) library.fillTextIndex(database);
    database.exec('pragma journal_mode = wal');
  } finally {
    database.close();
  }
}

/**
 * @param {Library} library
 * @param {string} path
 */
export async function makeStore(library, path) {
  const { createSqliteStore, systemRandom } = library;
  const store = { ...newStore(library), id: systemRandom.uuid(FIRST_TIME) };
  const isMade = await createSqliteStore(path, store, FIRST_TIME, () => true);
  if (!isMade) throw new Error(`${path} exists already`);
}

/**
 * The same in a PostgreSQL database.
 *
 * @param {Library} library
 * @param {string} url
 */
export async function makeStoreAt(library, url) {
  const system = { clock: library.systemClock, random: library.systemRandom, isRunning: () => true };
  await (await library.initStoreAt(url, system, newStore(library))).close();
}

/** @param {Library} library */
function newStore({ PRESETS }) {
  const catalog = PRESETS.get('moveworks');
  if (catalog === undefined) throw new Error('there is no preset moveworks');
  return { prefix: 'cctl', hashPolicy: /** @type {const} */ ({ scheme: 'sha256' }), catalog, author: AUTHOR };
}

/**
 * @param {Library} library
 * @param {SqliteDatabase} database
 * @param {number} count
 * @param {(step: string) => void} progress
 * @param {string} hash
 */
function insertAll(library, database, count, progress, hash) {
  const insert = inserter(database);
  const owners = insertOwners(library, insert, Math.min(MOST_OWNERS, Math.ceil(count / OWNED)));
  const audit = auditor(library, database, insert);
  for (let start = 0; start < count; start += BATCH) {
    database.exec('begin');
    for (let index = start; index < Math.min(start + BATCH, count); index += 1) {
      const owner = owners[index % (owners.length + 1)] ?? null;
      insertOne(library, insert, audit.append, index, count, owner, hash);
    }
    audit.keepHead();
    database.exec('commit');
    progress(`${Math.floor((Math.min(start + BATCH, count) / count) * 100)} %`);
  }
}

/**
 * One statement for each table, made of the first row.
 *
 * @param {SqliteDatabase} database
 */
function inserter(database) {
  /** @type {Map<string, import('better-sqlite3').Statement>} */
  const statements = new Map();
  return (/** @type {string} */ table, /** @type {object} */ row) => {
    let statement = statements.get(table);
    if (statement === undefined) {
      const columns = Object.keys(row);
      const marks = columns.map(() => '?').join(', ');
      statement = database.prepare(`insert into ${table} (${columns.join(', ')}) values (${marks})`);
      statements.set(table, statement);
    }
    statement.run(...Object.values(row));
  };
}

/**
 * @param {Library} library
 * @param {ReturnType<typeof inserter>} insert
 * @param {number} count
 */
function insertOwners({ systemRandom }, insert, count) {
  return Array.from({ length: count }, (_, index) => {
    const id = systemRandom.uuid(FIRST_TIME);
    const name = `owner-${String(index).padStart(3, '0')}`;
    const times = { created_at: FIRST_TIME, created_by: AUTHOR.actor, updated_at: FIRST_TIME };
    insert('owner', { id, name, name_key: name, kind: 'service', status: 'active', ...times });
    return id;
  });
}

/**
 * @param {Library} library
 * @param {SqliteDatabase} database
 * @param {ReturnType<typeof inserter>} insert
 */
function auditor({ auditRow }, database, insert) {
  let { seq, hash } = /** @type {{ seq: number, hash: string }} */ (
    database.prepare('select seq, hash from audit_head').get()
  );
  const keep = database.prepare('update audit_head set seq = ?, hash = ?');
  return {
    /** @param {Omit<Parameters<Library['auditRow']>[0], 'seq' | 'actor' | 'reason'>} event */
    append(event) {
      const row = auditRow({ ...AUTHOR, ...event, seq: seq + 1 }, hash);
      insert('audit_event', row);
      ({ seq, hash } = row);
    },
    keepHead: () => void keep.run(seq, hash),
  };
}

/**
 * A credential as it is some time after it was issued: delivered, and in most cases used.
 *
 * @param {Library} library
 * @param {ReturnType<typeof inserter>} insert
 * @param {ReturnType<typeof auditor>['append']} append
 * @param {number} index
 * @param {number} count
 * @param {string | null} ownerId
 * @param {string} hash
 */
function insertOne(library, insert, append, index, count, ownerId, hash) {
  const at = timeOf(index);
  const { credential, version, previous } = record(library, index, at, nameOf(index, count), ownerId);
  const { id, scopes, labels } = credential;
  const key = index + 1;
  const used = usedAt(index);
  insert('credential', library.newCredentialColumns(credential, key));
  insertUse(insert, key, 0, null, used ?? 0);
  for (const scope of scopes) insert('credential_scope', { scope, credential_key: key });
  for (const [name, value] of labels) insert('credential_label', { key: name, value, credential_key: key });
  for (const each of previous === null ? [version] : [previous, version]) {
    const { id: version_id, number } = each;
    insert('version', library.newVersionColumns(each, key));
    insert('version_hash', { version_id, credential_key: key, number, hash });
    if (used !== null) insertUse(insert, key, number, at, used);
  }
  const target = /** @type {const} */ ({ kind: 'credential', id, name: credential.name });
  append({
    at,
    action: 'credential.create',
    target,
    details: { type: credential.type, scopes: [...scopes], version: version.number },
  });
}

/**
 * @param {ReturnType<typeof inserter>} insert
 * @param {number} credential_key
 * @param {number} number
 * @param {number | null} first_used_at
 * @param {number} last_used_at
 */
function insertUse(insert, credential_key, number, first_used_at, last_used_at) {
  insert('last_use', { credential_key, number, first_used_at, last_used_at });
}
