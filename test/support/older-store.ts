import Database from 'better-sqlite3';
import type { SqlConnection, SqlValue } from '../../src/storage/connection.js';
import { MIGRATIONS } from '../../src/storage/migrations.js';
import { kyselyOn as kyselyOnPostgres } from '../../src/storage/postgres-dialect.js';
import { NUMBER_TABLE } from '../../src/storage/postgres-tables.js';
import { kyselyOn } from '../../src/storage/sqlite-dialect.js';
import { createFirstTextIndex } from '../../src/storage/sqlite-first-text-index.js';
import { APPLICATION_ID } from '../../src/storage/sqlite-inspection.js';

/** Tables that schema 2 has left as they were. */
const SAME = ['store', 'generation', 'audit_head', 'catalog', 'audit_event', 'tombstone', 'owner'];

const CREDENTIAL = `id, name, name_key, type, status, client_id, owner_id, scopes, labels, description, description_key,
  created_at, created_by, updated_at, revision, expires_at, rotate_every, rotate_every_ms, rotation_due_at`;

const VERSION = `created_at, delivered_at, lapses_at, retires_at, revoked_at, ended_at, ended_as, supersede_grace_ms,
  destinations, delivery`;

const TOKEN = 'id, credential_id, version_id, digest, scopes, issued_at, expires_at';

/** Fills the tables of schema 1 from those of schema 2, which are in the schema `now`. */
const FILL = [
  ...SAME.flatMap((table) => [`delete from ${table}`, `insert into ${table} select * from now.${table}`]),
  `insert into credential (${CREDENTIAL}) select ${CREDENTIAL} from now.credential order by key`,
  `insert into credential_scope (credential_id, scope)
    select c.id, s.scope from now.credential_scope s join now.credential c on c.key = s.credential_key`,
  `insert into credential_label (credential_id, key, value)
    select c.id, l.key, l.value from now.credential_label l join now.credential c on c.key = l.credential_key`,
  `insert into credential_use (credential_id, last_used_at)
    select c.id, u.last_used_at from now.last_use u join now.credential c on c.key = u.credential_key where u.number = 0`,
  `insert into version (id, credential_id, number, ${VERSION})
    select v.id, c.id, v.number, ${VERSION.replaceAll(/\w+/g, 'v.$&')}
      from now.version v join now.credential c on c.key = v.credential_key`,
  'insert into version_hash (version_id, hash) select version_id, hash from now.version_hash',
  `insert into version_use (version_id, first_used_at, last_used_at)
    select v.id, u.first_used_at, u.last_used_at from now.last_use u
      join now.version v on v.credential_key = u.credential_key and v.number = u.number`,
  `insert into access_token (${TOKEN}) select ${TOKEN} from now.access_token`,
];

/** Makes a file as version 1 of the schema has it, with what is in a store of the present one. */
export async function makeFirstSchema(path: string, from: string): Promise<void> {
  const database = new Database(path);
  try {
    database.pragma(`application_id = ${APPLICATION_ID}`);
    const [first] = MIGRATIONS;
    if (first === undefined) throw new TypeError('there is a first migration');
    await first(kyselyOn(database));
    database.prepare('attach ? as now').run(from);
    for (const statement of FILL) database.exec(statement);
    createFirstTextIndex(database);
    database.exec("insert into credential_text (credential_text) values ('rebuild')");
    database.pragma('user_version = 1');
    database.pragma('journal_mode = WAL');
  } finally {
    database.close();
  }
}

/** Turns the store in a database into one of version 1 of the schema. @param ask as the role that owns it */
export async function becomeFirstSchema(ask: (sql: string) => Promise<unknown>): Promise<void> {
  await ask('alter schema credctl rename to now');
  await ask(`create schema credctl; set search_path = credctl; ${NUMBER_TABLE};
    insert into schema_number (id, value) values (1, 1)`);
  const connection: SqlConnection = {
    all: async <Row>() => [] as Row[],
    tuples: async <Row extends readonly SqlValue[]>() => [] as Row[],
    run: async (text) => void (await ask(text)),
  };
  const [first] = MIGRATIONS;
  if (first === undefined) throw new TypeError('there is a first migration');
  await first(kyselyOnPostgres(connection));
  for (const statement of FILL) await ask(statement);
  await ask('drop schema now cascade');
}
