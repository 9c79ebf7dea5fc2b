import { type Kysely, sql } from 'kysely';
import type { Schema } from '../tables.js';

/** Rows in one tree with their key, where they are found by nothing else. */
const KEYED = sql`without rowid`;

/**
 * Schema 2: tables refer to a credential by a number in place of its id, so that what belongs to it lies together and
 * takes fewer pages, and keep no index that only a deletion needs.
 */
export async function referToCredentialsByNumber(db: Kysely<Schema>): Promise<void> {
  await run(db, SET_ASIDE);
  for (const table of REPLACED) await db.schema.dropTable(table).execute();
  await createTables(db);
  await run(db, BROUGHT_BACK);
  await run(db, INDEXES);
}

/** What the migration makes, without any rows. */
export async function createNumbered(db: Kysely<Schema>): Promise<void> {
  await createTables(db);
  await run(db, INDEXES);
}

async function createTables(db: Kysely<Schema>): Promise<void> {
  await createCredentials(db);
  await createVersions(db);
}

async function run(db: Kysely<Schema>, statements: readonly string[]): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}

/**
 * Ids are in the order of creation, and so are the numbers. Rows that belong to none keep no number, and are refused by
 * the new tables.
 */
const SET_ASIDE = [
  `create table was_credential as
    select row_number() over (order by id) as key, c.* from credential c`,
  `create table was_version as
    select c.key as credential_key, v.* from version v left join was_credential c on c.id = v.credential_id`,
  `create table was_hash as
    select h.version_id, v.credential_key, v.number, h.hash
      from version_hash h left join was_version v on v.id = h.version_id`,
  `create table was_scope as
    select s.scope, c.key as credential_key
      from credential_scope s left join was_credential c on c.id = s.credential_id`,
  `create table was_label as
    select l.key, l.value, c.key as credential_key
      from credential_label l left join was_credential c on c.id = l.credential_id`,
  `create table was_use as
    select c.key as credential_key, 0 as number, null as first_used_at, u.last_used_at
      from credential_use u left join was_credential c on c.id = u.credential_id
    union all select v.credential_key, v.number, w.first_used_at, w.last_used_at
      from version_use w left join was_version v on v.id = w.version_id`,
  'create table was_token as select * from access_token',
];

/** What refers comes before what is referred to. */
const REPLACED = [
  ...['access_token', 'version_use', 'version_hash', 'version'],
  ...['credential_use', 'credential_label', 'credential_scope', 'credential'],
];

async function createCredentials(db: Kysely<Schema>): Promise<void> {
  await db.schema
    .createTable('credential')
    .addColumn('key', 'integer', (column) => column.primaryKey())
    .addColumn('id', 'text', (column) => column.notNull().unique())
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('name_key', 'text', (column) => column.notNull().unique())
    .addColumn('type', 'text', (column) => column.notNull().check(sql`type in ('api-key', 'oauth2')`))
    .addColumn('status', 'text', (column) => column.notNull().check(sql`status in ('active', 'inactive')`))
    .addColumn('client_id', 'text')
    .addColumn('owner_id', 'text', (column) => column.references('owner.id'))
    .addColumn('scopes', 'text', (column) => column.notNull())
    .addColumn('labels', 'text', (column) => column.notNull())
    .addColumn('description', 'text')
    .addColumn('description_key', 'text')
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('created_by', 'text', (column) => column.notNull())
    .addColumn('updated_at', 'bigint', (column) => column.notNull())
    .addColumn('revision', 'integer', (column) => column.notNull())
    .addColumn('expires_at', 'bigint')
    .addColumn('rotate_every', 'text')
    .addColumn('rotate_every_ms', 'bigint')
    .addColumn('rotation_due_at', 'bigint')
    .execute();
  // A reference would take an index of its own, at every insert, for the sake of deletions: they name the rows.
  await db.schema
    .createTable('credential_scope')
    .addColumn('scope', 'text', (column) => column.notNull())
    .addColumn('credential_key', 'integer', (column) => column.notNull())
    .addPrimaryKeyConstraint('credential_scope_pk', ['scope', 'credential_key'])
    .modifyEnd(KEYED)
    .execute();
  await db.schema
    .createTable('credential_label')
    .addColumn('key', 'text', (column) => column.notNull())
    .addColumn('value', 'text', (column) => column.notNull())
    .addColumn('credential_key', 'integer', (column) => column.notNull())
    .addPrimaryKeyConstraint('credential_label_pk', ['key', 'value', 'credential_key'])
    .modifyEnd(KEYED)
    .execute();
  // The uses of a credential and of its versions lie side by side: who reads one of them reads the others.
  await db.schema
    .createTable('last_use')
    .addColumn('credential_key', 'integer', (c) =>
      c.notNull().references('credential.key').onDelete('cascade'),
    )
    .addColumn('number', 'integer', (column) => column.notNull())
    .addColumn('first_used_at', 'bigint')
    .addColumn('last_used_at', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('last_use_pk', ['credential_key', 'number'])
    .modifyEnd(KEYED)
    .execute();
}

/** A secret finds its version by the row of its hash, which says whose it is: the versions need no index by their ids. */
async function createVersions(db: Kysely<Schema>): Promise<void> {
  await db.schema
    .createTable('version')
    .addColumn('credential_key', 'integer', (c) =>
      c.notNull().references('credential.key').onDelete('cascade'),
    )
    .addColumn('number', 'integer', (column) => column.notNull())
    .addColumn('id', 'text', (column) => column.notNull())
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('delivered_at', 'bigint')
    .addColumn('lapses_at', 'bigint')
    .addColumn('retires_at', 'bigint')
    .addColumn('revoked_at', 'bigint')
    .addColumn('ended_at', 'bigint')
    .addColumn('ended_as', 'text', (column) => column.check(sql`ended_as in ('retired', 'lapsed')`))
    .addColumn('supersede_grace_ms', 'bigint')
    .addColumn('destinations', 'text', (column) => column.notNull())
    .addColumn('delivery', 'text')
    .addPrimaryKeyConstraint('version_pk', ['credential_key', 'number'])
    .modifyEnd(KEYED)
    .execute();
  await db.schema
    .createTable('version_hash')
    .addColumn('version_id', 'text', (column) => column.primaryKey())
    .addColumn('credential_key', 'integer', (column) => column.notNull())
    .addColumn('number', 'integer', (column) => column.notNull())
    .addColumn('hash', 'text', (column) => column.notNull())
    .modifyEnd(KEYED)
    .execute();
  await db.schema
    .createTable('access_token')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('credential_id', 'text', (column) => column.notNull())
    .addColumn('version_id', 'text', (c) =>
      c.notNull().references('version_hash.version_id').onDelete('cascade'),
    )
    .addColumn('digest', 'text', (column) => column.notNull())
    .addColumn('scopes', 'text', (column) => column.notNull())
    .addColumn('issued_at', 'bigint', (column) => column.notNull())
    .addColumn('expires_at', 'bigint', (column) => column.notNull())
    .execute();
}

const CREDENTIAL = `key, id, name, name_key, type, status, client_id, owner_id, scopes, labels, description, description_key,
  created_at, created_by, updated_at, revision, expires_at, rotate_every, rotate_every_ms, rotation_due_at`;

const VERSION = `credential_key, number, id, created_at, delivered_at, lapses_at, retires_at, revoked_at, ended_at, ended_as,
  supersede_grace_ms, destinations, delivery`;

const TOKEN = 'id, credential_id, version_id, digest, scopes, issued_at, expires_at';

/** In the order of their keys, which fills each page of the new trees before the next one. */
const BROUGHT_BACK = [
  ...moved('credential', 'was_credential', CREDENTIAL, 'key'),
  ...moved('credential_scope', 'was_scope', 'scope, credential_key', 'scope, credential_key'),
  ...moved('credential_label', 'was_label', 'key, value, credential_key', 'key, value, credential_key'),
  ...moved(
    'last_use',
    'was_use',
    'credential_key, number, first_used_at, last_used_at',
    'credential_key, number',
  ),
  ...moved('version', 'was_version', VERSION, 'credential_key, number'),
  ...moved('version_hash', 'was_hash', 'version_id, credential_key, number, hash', 'version_id'),
  ...moved('access_token', 'was_token', TOKEN, 'issued_at, id'),
];

function moved(table: string, from: string, columns: string, order: string): readonly string[] {
  return [
    `insert into ${table} (${columns}) select ${columns} from ${from} order by ${order}`,
    `drop table ${from}`,
  ];
}

/** Every order of `list` has an index that ends in a unique column; every filter has one that leads with it. */
const INDEXES = [
  'create index credential_by_created on credential (created_at, id)',
  `create index credential_by_expiry on credential (coalesce(expires_at, ${Number.MAX_SAFE_INTEGER}), id)`,
  'create index credential_by_type on credential (type, name_key)',
  'create index credential_by_status on credential (status, name_key)',
  'create unique index credential_by_client on credential (client_id) where client_id is not null',
  'create index credential_by_owner on credential (owner_id, name_key) where owner_id is not null',
  'create index credential_by_due on credential (rotation_due_at) where rotation_due_at is not null',
  'create index credential_by_use on last_use (last_used_at, credential_key) where number = 0',
  'create index version_to_lapse on version (lapses_at) where lapses_at is not null and ended_at is null and revoked_at is null',
  'create index version_to_retire on version (retires_at) where retires_at is not null and ended_at is null and revoked_at is null',
  'create index access_token_by_expiry on access_token (expires_at)',
  'create index access_token_of_version on access_token (version_id)',
];
