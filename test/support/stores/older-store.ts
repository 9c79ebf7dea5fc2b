import Database from 'better-sqlite3';
import { creationOf, SCHEMA_FUNCTIONS } from '../../../src/storage/postgres/functions/functions.js';
import { ISSUE_TOKENS } from '../../../src/storage/postgres/functions/issue-tokens.js';
import { RECORD_LEAKS } from '../../../src/storage/postgres/functions/record-leaks.js';
import type { SchemaFunction } from '../../../src/storage/postgres/functions/schema-function.js';
import { STOP_FOR_LEAK } from '../../../src/storage/postgres/functions/stop-for-leak.js';
import { NUMBER_TABLE } from '../../../src/storage/postgres/schema/tables.js';
import { POSTGRES, SQLITE } from '../../../src/storage/schema/dialects.js';
import { schemaStatements } from '../../../src/storage/schema/statements.js';
import { APPLICATION_ID } from '../../../src/storage/sqlite/file/header.js';
import { createTextIndex, fillTextIndex } from '../../../src/storage/sqlite/text-index.js';

/** What the roles were granted in schema 3, before servers wrote by functions, and in schema 4. */
const GRANTED_IN_THIRD = {
  auditor: [
    `select on schema_number, store, generation, catalog, owner, credential, credential_scope, credential_label, version,
      last_use, audit_head, audit_event, tombstone, deleted_version`,
  ],
  verifier: [
    `select on schema_number, store, generation, catalog, owner, credential, credential_scope, credential_label, version,
      last_use, version_hash, access_token`,
    'insert on last_use, access_token',
    'update on last_use',
    'delete on access_token',
  ],
};

const GRANTED = {
  3: GRANTED_IN_THIRD,
  4: {
    auditor: GRANTED_IN_THIRD.auditor,
    verifier: [
      ...GRANTED_IN_THIRD.verifier.slice(0, 1),
      ...['issue_tokens', 'record_uses', 'delete_token', 'purge_tokens'].map(
        (name) => `execute on function credctl.${name}`,
      ),
    ],
  },
};

/** Grants a role of the database what a role of the store had in a schema. @param ask as the owner of the tables */
export async function grantOfOlder(
  schema: keyof typeof GRANTED,
  role: keyof typeof GRANTED_IN_THIRD,
  to: string,
  ask: (sql: string) => Promise<unknown>,
): Promise<void> {
  for (const rights of ['usage on schema credctl', ...GRANTED[schema][role]]) {
    await ask(`grant ${rights} to ${to}`);
  }
}

const OF_FIFTH: readonly SchemaFunction[] = [RECORD_LEAKS, STOP_FOR_LEAK];

/** The functions of schema 4. */
export const FUNCTIONS_OF_FOURTH = SCHEMA_FUNCTIONS.filter((fn) => !OF_FIFTH.includes(fn)).map((fn) =>
  fn === ISSUE_TOKENS ? { ...fn, body: fn.body.replace(' and c.canary = 0', '') } : fn,
);

/** The schemas before the present one that are migrated. */
export type OlderSchemaNumber = (typeof OLDER_SCHEMAS)[number];
/** Every one of them. */
export const OLDER_SCHEMAS = [2, 3, 4] as const;

/** Columns, in every schema, of the tables that no schema so far has made anew. */
const SAME: Readonly<Record<string, string>> = {
  store: 'id, store_id, prefix, hash_scheme, bcrypt_cost, created_at',
  generation: 'id, value',
  audit_head: 'id, seq, hash',
  catalog: 'id, document, updated_at',
  audit_event: 'seq, at, actor, action, target_kind, target_id, target_name, target_key, reason, text, hash',
  tombstone: 'credential_id, client_id, version_ids, deleted_at',
  owner: 'id, name, name_key, kind, status, created_at, created_by, updated_at',
};

const CREDENTIAL = `id, name, name_key, type, status, client_id, owner_id, scopes, labels, description, description_key,
  created_at, created_by, updated_at, revision, expires_at, rotate_every, rotate_every_ms, rotation_due_at`;

const VERSION = `created_at, delivered_at, lapses_at, retires_at, revoked_at, ended_at, ended_as, supersede_grace_ms,
  destinations, delivery`;

const TOKEN = 'id, credential_id, version_id, digest, scopes, issued_at, expires_at';

const FILL_SECOND = [
  copied('credential', `key, ${CREDENTIAL}`),
  copied('credential_scope', 'scope, credential_key'),
  copied('credential_label', 'key, value, credential_key'),
  copied('last_use', 'credential_key, number, first_used_at, last_used_at'),
  copied('version', `credential_key, number, id, ${VERSION}`),
  copied('version_hash', 'version_id, credential_key, number, hash'),
  copied('access_token', TOKEN),
];

const { store: STORE, ...SAME_BUT_STORE } = SAME;

const FILL_THIRD = [
  copied('store', `${STORE}, place`),
  copied('deleted_version', 'version_id, credential_id'),
  copied('credential', `key, ${CREDENTIAL}`),
  copied('credential_scope', 'scope, credential_key'),
  copied('credential_label', 'key, value, credential_key'),
  copied('last_use', 'credential_key, number, first_used_at, last_used_at, last_used_from'),
  copied('version', `credential_key, number, id, ${VERSION}, received_at, retired_by, retires_before`),
  copied('version_hash', 'version_id, credential_key, number, hash'),
  copied('access_token', TOKEN),
];

const FILL_FOURTH = [copied('store', `${STORE}, place, earlier_hashes`), ...FILL_THIRD.slice(1)];

/** Tables of schema 4 that PostgreSQL alone has. */
const FILL_FOURTH_IN_POSTGRES = [
  copied('leftover', 'credential_key, version_ids, wiped_from'),
  copied('api_lifetime', 'api, seconds'),
];

/** Fills the tables of an older schema from those of the present one, which are in the schema `now`. */
const FILL: Readonly<Record<OlderSchemaNumber, readonly string[]>> = {
  2: [...Object.entries(SAME).map(([table, columns]) => copied(table, columns)), ...FILL_SECOND],
  3: [...Object.entries(SAME_BUT_STORE).map(([table, columns]) => copied(table, columns)), ...FILL_THIRD],
  4: [...Object.entries(SAME_BUT_STORE).map(([table, columns]) => copied(table, columns)), ...FILL_FOURTH],
};

function copied(table: string, columns: string): string {
  return `insert into ${table} (${columns}) select ${columns} from now.${table}`;
}

/** Makes a file as an older version of the schema has it, with what is in a store of the present one. */
export function makeOlderSchema(schema: OlderSchemaNumber, path: string, from: string): void {
  const database = new Database(path);
  try {
    database.pragma(`application_id = ${APPLICATION_ID}`);
    for (const statement of schemaStatements(SQLITE, { to: schema })) database.exec(statement);
    database.prepare('attach ? as now').run(from);
    for (const statement of FILL[schema]) database.exec(statement);
    createTextIndex(database);
    fillTextIndex(database);
    database.pragma(`user_version = ${schema}`);
    database.pragma('journal_mode = WAL');
  } finally {
    database.close();
  }
}

/** Statements in a literal: calls outside of one are qualified, and the text of a function would be another. */
function literally(statements: string): string {
  const quoted = (text: string) => `'${text.replaceAll("'", "''")}'`;
  return `do ${quoted(`begin execute ${quoted(statements)}; end`)}`;
}

/** Turns the store in a database into one of an older version of the schema. @param ask as the role that owns it */
export async function becomeOlderSchema(
  schema: OlderSchemaNumber,
  ask: (sql: string) => Promise<unknown>,
): Promise<void> {
  await ask('alter schema credctl rename to now');
  await ask(`create schema credctl; set search_path = credctl; ${NUMBER_TABLE};
    insert into schema_number (id, value) values (1, ${schema})`);
  for (const statement of schemaStatements(POSTGRES, { to: schema })) await ask(statement);
  for (const statement of FILL[schema]) await ask(statement);
  if (schema === 4) {
    for (const statement of FILL_FOURTH_IN_POSTGRES) await ask(statement);
    for (const fn of FUNCTIONS_OF_FOURTH) await ask(literally(creationOf(fn)));
  }
  await ask('drop schema now cascade');
}
