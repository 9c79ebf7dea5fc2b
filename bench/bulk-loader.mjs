// @ts-check
/**
 * Fills a store faster than the program would: the real schema, the program's own columns and audit chain, but plain
 * inserts in large transactions, and the indexes made at the end.
 */
import { createHash } from 'node:crypto';
import Database from 'better-sqlite3';
import { AUTHOR, DAY_MS, FIRST_TIME, nameOf, record, SECRET, timeOf } from './record.mjs';

/**
 * @typedef {import('./library.mjs').Library} Library
 * @typedef {import('better-sqlite3').Database} SqliteDatabase
 */

const BATCH = 100_000;
const OWNERS = 100;

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
    for (const { name } of indexes) database.exec(`drop index "${name}"`);
    insertAll(library, database, count, progress, hash);
    progress('indexes');
    for (const { sql } of indexes) database.exec(sql);
    database.exec('pragma journal_mode = wal');
  } finally {
    database.close();
  }
}

/**
 * @param {Library} library
 * @param {string} path
 */
export async function makeStore({ createSqliteStore, systemRandom, PRESETS }, path) {
  const catalog = PRESETS.get('moveworks');
  if (catalog === undefined) throw new Error('there is no preset moveworks');
  const id = systemRandom.uuid(FIRST_TIME);
  const store = {
    id,
    prefix: 'cctl',
    hashPolicy: /** @type {const} */ ({ scheme: 'sha256' }),
    catalog,
    author: AUTHOR,
  };
  const isMade = await createSqliteStore(path, store, FIRST_TIME, () => true);
  if (!isMade) throw new Error(`${path} exists already`);
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
  const owners = insertOwners(library, insert);
  const audit = auditor(library, database, insert);
  for (let start = 0; start < count; start += BATCH) {
    database.exec('begin');
    for (let index = start; index < Math.min(start + BATCH, count); index += 1) {
      insertOne(library, insert, audit.append, index, count, owners[index % (OWNERS + 1)] ?? null, hash);
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
 */
function insertOwners({ systemRandom }, insert) {
  return Array.from({ length: OWNERS }, (_, index) => {
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
 * A credential as it is some time after it was issued: delivered, and in half of the cases used.
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
  const { credential, version } = record(library, index, at, nameOf(index, count), ownerId);
  const { id, scopes, labels } = credential;
  const usedAt = index % 2 === 0 ? at + DAY_MS : 0;
  insert('credential', library.newCredentialColumns(credential));
  insert('credential_use', { credential_id: id, last_used_at: usedAt });
  for (const scope of scopes) insert('credential_scope', { credential_id: id, scope });
  for (const [key, value] of labels) insert('credential_label', { credential_id: id, key, value });
  insert('version', library.newVersionColumns(version));
  insert('version_hash', { version_id: version.id, hash });
  if (usedAt > 0)
    insert('version_use', { version_id: version.id, first_used_at: usedAt, last_used_at: usedAt });
  const target = /** @type {const} */ ({ kind: 'credential', id, name: credential.name });
  append({
    at,
    action: 'credential.create',
    target,
    details: { type: credential.type, scopes: [...scopes], version: 1 },
  });
}
