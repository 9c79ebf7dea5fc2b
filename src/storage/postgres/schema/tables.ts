import { POSTGRES } from '../../schema/dialects.js';
import { schemaStatements } from '../../schema/statements.js';
import type { PostgresSession } from '../connection/pool.js';

/** The schema number, which an SQLite file holds in its header (`user_version`). */
export const NUMBER_TABLE =
  'create table schema_number (id integer primary key check (id = 1), value integer not null)';

/** Creates all tables of a store, without rows, in the first schema of search_path. */
export async function createTables(session: PostgresSession): Promise<void> {
  await session.execute(NUMBER_TABLE);
  for (const statement of schemaStatements(POSTGRES)) await session.run(statement, []);
}
