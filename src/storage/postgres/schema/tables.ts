import { POSTGRES } from '../../schema/dialects.js';
import { schemaStatements } from '../../schema/statements.js';
import type { PostgresSession } from '../connection/pool.js';

/** The table that PostgreSQL needs besides: what the head of an SQLite file says of it. */
export const NUMBER_TABLE =
  'create table schema_number (id integer primary key check (id = 1), value integer not null)';

/** Makes all tables of a store, without any rows, where the search path begins. */
export async function createTables(session: PostgresSession): Promise<void> {
  await session.execute(NUMBER_TABLE);
  for (const statement of schemaStatements(POSTGRES)) await session.run(statement, []);
}
