import type { Finding } from '../../domain/ports/store-port.js';
import { SQLITE } from '../schema/dialects.js';
import { SCHEMA_NUMBER } from '../schema/number.js';
import { schemaStatements } from '../schema/statements.js';
import type { SqlConnection } from '../sql/connection.js';
import { connect } from './connection.js';
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
 * @param schema the expected schema number
 */
export async function checkSchema(
  connection: SqlConnection,
  schema = SCHEMA_NUMBER,
): Promise<readonly Finding[]> {
  const expected = expectedSchema(schema);
  const present = new Map((await connection.all<SchemaObject>(LIST, [])).map((entry) => [entry.name, entry]));
  const missing = expected.filter((entry) => present.get(entry.name)?.sql !== entry.sql);
  const known = new Set(expected.map((entry) => entry.name));
  const foreign = [...present.values()].filter((entry) => !known.has(entry.name));
  return [
    ...missing.map((entry) => finding(`the ${entry.type} ${entry.name} is missing or altered`)),
    ...foreign.map((entry) => finding(`the ${entry.type} ${entry.name} is not part of a store`)),
  ];
}

function expectedSchema(schema: number): readonly SchemaObject[] {
  const database = connect(':memory:');
  try {
    for (const statement of schemaStatements(SQLITE, { to: schema })) database.exec(statement);
    createTextIndex(database);
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
