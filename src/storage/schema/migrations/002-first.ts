import type { Dialect } from '../dialects.js';

/**
 * Schema 2, the first one: creates all tables and indexes.
 *
 * A table is defined on one line, with quoted names: SQLite stores the text of a definition, and `store check`
 * compares it with the text in files.
 */
export function createFirstSchema(dialect: Dialect): readonly string[] {
  const tables = [
    ...singletons(dialect),
    ...trailAndOwners(dialect),
    ...credentials(dialect),
    ...versions(dialect),
  ];
  return [...tables.map(onOneLine), ...INDEXES];
}

function onOneLine(definition: string): string {
  return definition.replaceAll(/\s+/g, ' ').replaceAll('( ', '(').replaceAll(' )', ')');
}

const singletons = ({ text }: Dialect): readonly string[] => [
  `create table "store" (
    "id" integer primary key check (id = 1),
    "store_id" ${text} not null,
    "prefix" ${text} not null,
    "hash_scheme" ${text} not null,
    "bcrypt_cost" integer,
    "created_at" bigint not null
  )`,
  `create table "generation" (
    "id" integer primary key check (id = 1),
    "value" bigint not null
  )`,
  `create table "audit_head" (
    "id" integer primary key check (id = 1),
    "seq" bigint not null,
    "hash" ${text} not null
  )`,
  `create table "catalog" (
    "id" integer primary key check (id = 1),
    "document" ${text} not null,
    "updated_at" bigint not null
  )`,
];

const trailAndOwners = ({ text, keyed }: Dialect): readonly string[] => [
  `create table "audit_event" (
    "seq" integer primary key,
    "at" bigint not null,
    "actor" ${text} not null,
    "action" ${text} not null,
    "target_kind" ${text} not null,
    "target_id" ${text},
    "target_name" ${text},
    "target_key" ${text},
    "reason" ${text},
    "text" ${text} not null,
    "hash" ${text} not null
  )`,
  `create table "tombstone" (
    "credential_id" ${text} primary key,
    "client_id" ${text},
    "version_ids" ${text} not null,
    "deleted_at" bigint not null
  )${keyed}`,
  `create table "owner" (
    "id" ${text} primary key,
    "name" ${text} not null,
    "name_key" ${text} not null unique,
    "kind" ${text} not null check (kind in ('service', 'user')),
    "status" ${text} not null check (status in ('active', 'inactive')),
    "created_at" bigint not null,
    "created_by" ${text} not null,
    "updated_at" bigint not null
  )`,
];

/**
 * Scopes and labels have no foreign key: it would need its own index, updated by every insert, only for deletions,
 * which name the rows instead. The uses of a credential and of its versions are adjacent in the key's order, as
 * they are read.
 */
const credentials = ({ text, keyed }: Dialect): readonly string[] => [
  `create table "credential" (
    "key" integer primary key,
    "id" ${text} not null unique,
    "name" ${text} not null,
    "name_key" ${text} not null unique,
    "type" ${text} not null check (type in ('api-key', 'oauth2')),
    "status" ${text} not null check (status in ('active', 'inactive')),
    "client_id" ${text},
    "owner_id" ${text} references "owner" ("id"),
    "scopes" ${text} not null,
    "labels" ${text} not null,
    "description" ${text},
    "description_key" ${text},
    "created_at" bigint not null,
    "created_by" ${text} not null,
    "updated_at" bigint not null,
    "revision" integer not null,
    "expires_at" bigint,
    "rotate_every" ${text},
    "rotate_every_ms" bigint,
    "rotation_due_at" bigint
  )`,
  `create table "credential_scope" (
    "scope" ${text} not null,
    "credential_key" integer not null,
    constraint "credential_scope_pk" primary key ("scope", "credential_key")
  )${keyed}`,
  `create table "credential_label" (
    "key" ${text} not null,
    "value" ${text} not null,
    "credential_key" integer not null,
    constraint "credential_label_pk" primary key ("key", "value", "credential_key")
  )${keyed}`,
  `create table "last_use" (
    "credential_key" integer not null references "credential" ("key") on delete cascade,
    "number" integer not null,
    "first_used_at" bigint,
    "last_used_at" bigint not null,
    constraint "last_use_pk" primary key ("credential_key", "number")
  )${keyed}`,
];

/**
 * A secret's version is found through the row of its hash, so versions need no index on ids. Tokens arrive in
 * thousands with random ids: WITHOUT ROWID, in one B-tree by id, each would touch a page of its own in every index
 * as well.
 */
const versions = ({ text, keyed }: Dialect): readonly string[] => [
  `create table "version" (
    "credential_key" integer not null references "credential" ("key") on delete cascade,
    "number" integer not null,
    "id" ${text} not null,
    "created_at" bigint not null,
    "delivered_at" bigint,
    "lapses_at" bigint,
    "retires_at" bigint,
    "revoked_at" bigint,
    "ended_at" bigint,
    "ended_as" ${text} check (ended_as in ('retired', 'lapsed')),
    "supersede_grace_ms" bigint,
    "destinations" ${text} not null,
    "delivery" ${text},
    constraint "version_pk" primary key ("credential_key", "number")
  )${keyed}`,
  `create table "version_hash" (
    "version_id" ${text} primary key,
    "credential_key" integer not null,
    "number" integer not null,
    "hash" ${text} not null
  )${keyed}`,
  `create table "access_token" (
    "id" ${text} primary key,
    "credential_id" ${text} not null,
    "version_id" ${text} not null references "version_hash" ("version_id") on delete cascade,
    "digest" ${text} not null,
    "scopes" ${text} not null,
    "issued_at" bigint not null,
    "expires_at" bigint not null
  )`,
];

/**
 * Each sort order of `list` has an index that ends in a unique column; each filter has one that starts with its
 * column.
 */
const INDEXES = [
  'create index audit_event_by_target on audit_event (target_id, seq)',
  'create index audit_event_by_name on audit_event (target_key, seq)',
  'create index audit_event_by_action on audit_event (action, seq)',
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
