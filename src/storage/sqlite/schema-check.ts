import type { Finding } from '../../domain/ports/store-port.js';
import { createSchema } from '../schema/create.js';
import { MIGRATIONS } from '../schema/migrations/index.js';
import { SCHEMA_NUMBER } from '../schema/number.js';
import type { SqlConnection } from '../sql/connection.js';
import { connect } from './connection.js';
import { kyselyOn } from './dialect.js';
import { createFirstTextIndex } from './first-text-index.js';
import { createTextIndex } from './text-index.js';

interface SchemaObject {
  readonly type: string;
  readonly name: string;
  readonly sql: string | null;
}

const LIST =
  "select type, name, sql from sqlite_schema where name not like 'sqlite_stat%' order by type, name";

/**
 * Compares a store's tables, indexes and triggers with those of a new store.
 *
 * @param schema the number of the schema that it should have
 */
export async function checkSchema(
  connection: SqlConnection,
  schema = SCHEMA_NUMBER,
): Promise<readonly Finding[]> {
  const expected = await expectedSchema(schema);
  const present = new Map((await connection.all<SchemaObject>(LIST, [])).map((entry) => [entry.name, entry]));
  const missing = expected.filter((entry) => present.get(entry.name)?.sql !== entry.sql);
  const known = new Set(expected.map((entry) => entry.name));
  const foreign = [...present.values()].filter((entry) => !known.has(entry.name));
  return [
    ...missing.map((entry) => finding(`the ${entry.type} ${entry.name} is missing or altered`)),
    ...foreign.map((entry) => finding(`the ${entry.type} ${entry.name} is not part of a store`)),
  ];
}

async function expectedSchema(schema: number): Promise<readonly SchemaObject[]> {
  const database = connect(':memory:');
  try {
    const db = kyselyOn(database);
    if (schema === SCHEMA_NUMBER) await createSchema(db);
    else for (const migrate of MIGRATIONS.slice(0, schema)) await migrate(db);
    if (schema === 1) createFirstTextIndex(database);
    else createTextIndex(database);
    return database.prepare<[], SchemaObject>(LIST).all();
  } finally {
    database.close();
  }
}

function finding(message: string): Finding {
  return {
    check: 'schema',
    severity: 'error',
    message,
    fix: 'find out who changed the file; restore the store from a backup',
  };
}
