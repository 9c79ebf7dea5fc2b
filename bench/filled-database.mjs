// @ts-check
/**
 * Databases with the same rows as the filled files: the program makes the store, and the server copies the rows out of
 * files of text. They are kept as those are, all in one cluster.
 */
import { createWriteStream } from 'node:fs';
import { chmod, mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { stderr } from 'node:process';
import { pipeline } from 'node:stream/promises';
import Database from 'better-sqlite3';
import pg from 'pg';
import { makeStoreAt } from './bulk-loader.mjs';
import { filledStore, keptDirectory } from './filled-store.mjs';
import { startServer } from './postgres-server.mjs';

/** @typedef {import('./library.mjs').Library} Library */

/** Where tables come before those whose rows belong to theirs. */
const TABLES = [
  ...['store', 'generation', 'audit_head', 'catalog', 'audit_event', 'tombstone', 'owner', 'credential'],
  ...['credential_scope', 'credential_label', 'last_use', 'version', 'version_hash'],
  'access_token',
];

/** Rows of text that are written at once. */
const CHUNK = 2_000;

/**
 * Starts a server with databases of these sizes.
 *
 * @param {Library} library
 * @param {readonly number[]} sizes
 */
export async function startFilledServer(library, sizes) {
  const root = await keptDirectory('postgres', 0o755);
  const server = await startServer(root, { wal_level: 'minimal', max_wal_senders: '0' });
  try {
    for (const size of sizes) await ensureFilled(library, server, root, size);
    return { server, urlOf: (/** @type {number} */ size) => server.url(databaseOf(size)) };
  } catch (fault) {
    await server.stop();
    throw fault;
  }
}

/** @param {number} size */
function databaseOf(size) {
  return `filled_${size}`;
}

/**
 * @param {Library} library
 * @param {import('./postgres-server.mjs').Server} server
 * @param {string} root
 * @param {number} size
 */
async function ensureFilled(library, server, root, size) {
  const name = databaseOf(size);
  const isThere = await asked(server.url('postgres'), `select 1 from pg_database where datname = '${name}'`);
  if (isThere.length > 0) return;
  const begin = Date.now();
  const draft = `draft_${size}`;
  await asked(server.url('postgres'), `drop database if exists ${draft}`);
  await asked(server.url('postgres'), `create database ${draft}`);
  const from = await filledStore(size);
  await makeStoreAt(library, server.url(draft));
  const texts = join(root, `rows-${size}`);
  await rm(texts, { recursive: true, force: true });
  await mkdir(texts, { mode: 0o755 });
  try {
    await writeRows(from, texts);
    await copyRows(server.url(draft), texts);
  } finally {
    await rm(texts, { recursive: true, force: true });
  }
  await asked(server.url('postgres'), `alter database ${draft} rename to ${name}`);
  const seconds = ((Date.now() - begin) / 1_000).toFixed(1);
  stderr.write(`bench: a database with ${size.toLocaleString('en')} credentials: done in ${seconds} s\n`);
}

/**
 * @param {string} path of the store to read
 * @param {string} directory
 */
async function writeRows(path, directory) {
  const database = new Database(path, { readonly: true });
  try {
    for (const table of TABLES) {
      const file = join(directory, table);
      await pipeline(linesOf(database, table), createWriteStream(file, { mode: 0o644 }));
      await chmod(file, 0o644);
    }
  } finally {
    database.close();
  }
}

/**
 * @param {import('better-sqlite3').Database} database
 * @param {string} table
 */
function* linesOf(database, table) {
  const query = database.prepare(`select * from ${table}`);
  yield `${query
    .columns()
    .map(({ name }) => name)
    .join('\t')}\n`;
  let lines = [];
  for (const row of query.raw().iterate()) {
    const values = /** @type {unknown[]} */ (row);
    lines.push(values.map((value) => (value === null ? '\\N' : escaped(String(value)))).join('\t'));
    if (lines.length < CHUNK) continue;
    yield `${lines.join('\n')}\n`;
    lines = [];
  }
  if (lines.length > 0) yield `${lines.join('\n')}\n`;
}

/** @param {string} text */
function escaped(text) {
  return /[\\\t\n\r]/.test(text)
    ? text.replaceAll('\\', '\\\\').replaceAll('\t', '\\t').replaceAll('\n', '\\n').replaceAll('\r', '\\r')
    : text;
}

/**
 * Without the indexes and the references, which are made when all rows are there.
 *
 * @param {string} url
 * @param {string} directory
 */
async function copyRows(url, directory) {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(
      "set search_path = credctl; set synchronous_commit = off; set maintenance_work_mem = '512MB'",
    );
    const { rows: constraints } = await client.query(
      `select conrelid::regclass::text as table, conname as name, pg_get_constraintdef(oid) as definition
        from pg_constraint where connamespace = 'credctl'::regnamespace and contype in ('p', 'u', 'f')
        order by contype = 'f', contype = 'p' desc`,
    );
    const { rows: indexes } = await client.query(
      `select i.indexrelid::regclass::text as name, pg_get_indexdef(i.indexrelid) as definition
        from pg_index i join pg_class c on c.oid = i.indexrelid
        where c.relnamespace = 'credctl'::regnamespace
          and not exists (select 1 from pg_constraint k where k.conindid = i.indexrelid)`,
    );
    for (const { table, name } of [...constraints].reverse())
      await client.query(`alter table ${table} drop constraint ${name}`);
    for (const { name } of indexes) await client.query(`drop index ${name}`);
    for (const table of TABLES) {
      const columns = await headerOf(client, directory, table);
      await client.query(
        `begin; truncate ${table};
         copy ${table} (${columns}) from '${join(directory, table)}' with (format text, header true); commit`,
      );
    }
    // A database has a record of uses for every version, as the program makes it.
    await client.query(
      `insert into last_use (credential_key, number, last_used_at)
        select v.credential_key, v.number, 0 from version v
          left join last_use u on u.credential_key = v.credential_key and u.number = v.number where u.number is null`,
    );
    for (const { definition } of indexes) await client.query(definition);
    for (const { table, name, definition } of constraints)
      await client.query(`alter table ${table} add constraint ${name} ${definition}`);
    await client.query('vacuum (analyze, freeze)');
    await client.query('checkpoint');
  } finally {
    await client.end();
  }
}

/**
 * @param {pg.Client} client
 * @param {string} directory
 * @param {string} table
 * @returns {Promise<string>}
 */
async function headerOf(client, directory, table) {
  const { rows } = await client.query("select split_part(pg_read_file($1, 0, 1000), E'\\n', 1) as header", [
    join(directory, table),
  ]);
  return String(rows[0].header).replaceAll('\t', ', ');
}

/**
 * @param {string} url
 * @param {string} sql
 * @returns {Promise<readonly Record<string, unknown>[]>}
 */
export async function asked(url, sql) {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}
