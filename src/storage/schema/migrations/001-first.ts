import { type Kysely, sql } from 'kysely';
import type { Schema } from '../tables.js';

/** Rows of these tables are small and mostly found by their key: one tree with the rows in it spares a second look-up. */
const KEYED = sql`without rowid`;

/** Schema 1. */
export async function createFirstSchema(db: Kysely<Schema>): Promise<void> {
  await createCommonTables(db);
  await createCredentials(db);
  await createVersions(db);
  await createIndexes(db, [...INDEXES, ...COMMON_INDEXES]);
}

/** What no later schema has changed. */
export async function createCommonSchema(db: Kysely<Schema>): Promise<void> {
  await createCommonTables(db);
  await createIndexes(db, COMMON_INDEXES);
}

async function createCommonTables(db: Kysely<Schema>): Promise<void> {
  await createSingletons(db);
  await createAuditTrail(db);
  await createOwners(db);
}

async function createSingletons(db: Kysely<Schema>): Promise<void> {
  const onlyRow = sql`id = 1`;
  await db.schema
    .createTable('store')
    .addColumn('id', 'integer', (column) => column.primaryKey().check(onlyRow))
    .addColumn('store_id', 'text', (column) => column.notNull())
    .addColumn('prefix', 'text', (column) => column.notNull())
    .addColumn('hash_scheme', 'text', (column) => column.notNull())
    .addColumn('bcrypt_cost', 'integer')
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .execute();
  await db.schema
    .createTable('generation')
    .addColumn('id', 'integer', (column) => column.primaryKey().check(onlyRow))
    .addColumn('value', 'bigint', (column) => column.notNull())
    .execute();
  await db.schema
    .createTable('audit_head')
    .addColumn('id', 'integer', (column) => column.primaryKey().check(onlyRow))
    .addColumn('seq', 'bigint', (column) => column.notNull())
    .addColumn('hash', 'text', (column) => column.notNull())
    .execute();
  await db.schema
    .createTable('catalog')
    .addColumn('id', 'integer', (column) => column.primaryKey().check(onlyRow))
    .addColumn('document', 'text', (column) => column.notNull())
    .addColumn('updated_at', 'bigint', (column) => column.notNull())
    .execute();
}

async function createAuditTrail(db: Kysely<Schema>): Promise<void> {
  await db.schema
    .createTable('audit_event')
    .addColumn('seq', 'integer', (column) => column.primaryKey())
    .addColumn('at', 'bigint', (column) => column.notNull())
    .addColumn('actor', 'text', (column) => column.notNull())
    .addColumn('action', 'text', (column) => column.notNull())
    .addColumn('target_kind', 'text', (column) => column.notNull())
    .addColumn('target_id', 'text')
    .addColumn('target_name', 'text')
    .addColumn('target_key', 'text')
    .addColumn('reason', 'text')
    .addColumn('text', 'text', (column) => column.notNull())
    .addColumn('hash', 'text', (column) => column.notNull())
    .execute();
  await db.schema
    .createTable('tombstone')
    .addColumn('credential_id', 'text', (column) => column.primaryKey())
    .addColumn('client_id', 'text')
    .addColumn('version_ids', 'text', (column) => column.notNull())
    .addColumn('deleted_at', 'bigint', (column) => column.notNull())
    .modifyEnd(KEYED)
    .execute();
}

async function createOwners(db: Kysely<Schema>): Promise<void> {
  await db.schema
    .createTable('owner')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('name_key', 'text', (column) => column.notNull().unique())
    .addColumn('kind', 'text', (column) => column.notNull().check(sql`kind in ('service', 'user')`))
    .addColumn('status', 'text', (column) => column.notNull().check(sql`status in ('active', 'inactive')`))
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('created_by', 'text', (column) => column.notNull())
    .addColumn('updated_at', 'bigint', (column) => column.notNull())
    .execute();
}

async function createCredentials(db: Kysely<Schema>): Promise<void> {
  await db.schema
    .createTable('credential')
    .addColumn('id', 'text', (column) => column.primaryKey())
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
  await db.schema
    .createTable('credential_scope')
    .addColumn('credential_id', 'text', (c) => c.notNull().references('credential.id').onDelete('cascade'))
    .addColumn('scope', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('credential_scope_pk', ['scope', 'credential_id'])
    .modifyEnd(KEYED)
    .execute();
  await db.schema
    .createTable('credential_label')
    .addColumn('credential_id', 'text', (c) => c.notNull().references('credential.id').onDelete('cascade'))
    .addColumn('key', 'text', (column) => column.notNull())
    .addColumn('value', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('credential_label_pk', ['key', 'value', 'credential_id'])
    .modifyEnd(KEYED)
    .execute();
  await db.schema
    .createTable('credential_use')
    .addColumn('credential_id', 'text', (c) => c.primaryKey().references('credential.id').onDelete('cascade'))
    .addColumn('last_used_at', 'bigint', (column) => column.notNull())
    .modifyEnd(KEYED)
    .execute();
}

/** The versions of a credential lie together, since every listing wants them together; a secret finds one by its id. */
async function createVersions(db: Kysely<Schema>): Promise<void> {
  await db.schema
    .createTable('version')
    .addColumn('id', 'text', (column) => column.notNull().unique())
    .addColumn('credential_id', 'text', (c) => c.notNull().references('credential.id').onDelete('cascade'))
    .addColumn('number', 'integer', (column) => column.notNull())
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
    .addPrimaryKeyConstraint('version_pk', ['credential_id', 'number'])
    .modifyEnd(KEYED)
    .execute();
  await db.schema
    .createTable('version_hash')
    .addColumn('version_id', 'text', (c) => c.primaryKey().references('version.id').onDelete('cascade'))
    .addColumn('hash', 'text', (column) => column.notNull())
    .modifyEnd(KEYED)
    .execute();
  await db.schema
    .createTable('version_use')
    .addColumn('version_id', 'text', (c) => c.primaryKey().references('version.id').onDelete('cascade'))
    .addColumn('first_used_at', 'bigint', (column) => column.notNull())
    .addColumn('last_used_at', 'bigint', (column) => column.notNull())
    .modifyEnd(KEYED)
    .execute();
  // Tokens come by the thousand and their ids are random: in one tree by id, each would touch a page of its own in every
  // index as well.
  await db.schema
    .createTable('access_token')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('credential_id', 'text', (c) => c.notNull().references('credential.id').onDelete('cascade'))
    .addColumn('version_id', 'text', (c) => c.notNull().references('version.id').onDelete('cascade'))
    .addColumn('digest', 'text', (column) => column.notNull())
    .addColumn('scopes', 'text', (column) => column.notNull())
    .addColumn('issued_at', 'bigint', (column) => column.notNull())
    .addColumn('expires_at', 'bigint', (column) => column.notNull())
    .execute();
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
  'create index credential_scope_of on credential_scope (credential_id)',
  'create index credential_label_of on credential_label (credential_id)',
  'create index credential_by_use on credential_use (last_used_at, credential_id)',
  'create index version_to_lapse on version (lapses_at) where lapses_at is not null and ended_at is null and revoked_at is null',
  'create index version_to_retire on version (retires_at) where retires_at is not null and ended_at is null and revoked_at is null',
  'create index access_token_by_expiry on access_token (expires_at)',
  'create index access_token_of on access_token (credential_id)',
  'create index access_token_of_version on access_token (version_id)',
];

const COMMON_INDEXES = [
  'create index audit_event_by_target on audit_event (target_id, seq)',
  'create index audit_event_by_name on audit_event (target_key, seq)',
  'create index audit_event_by_action on audit_event (action, seq)',
];

async function createIndexes(db: Kysely<Schema>, statements: readonly string[]): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}
