import { conflictError } from '../../domain/errors.js';
import { SCHEMA_NUMBER } from '../schema/number.js';
import { firstRow, type SqlConnection } from './connection.js';

/** The table that marks an incomplete copy and records its source. */
export const UNFINISHED = 'unfinished_copy';

/** The statement that creates it, for both engines. */
export const UNFINISHED_TABLE = `create table ${UNFINISHED} (id integer primary key check (id = 1),
  source_id text not null, schema integer not null, started_at bigint not null)`;

/**
 * Records the source of a copy.
 *
 * @param now epoch milliseconds
 */
export async function noteBeginning(connection: SqlConnection, sourceId: string, now: number): Promise<void> {
  await connection.run(`insert into ${UNFINISHED} (id, source_id, schema, started_at) values (1, ?, ?, ?)`, [
    sourceId,
    SCHEMA_NUMBER,
    now,
  ]);
}

/**
 * Checks that an incomplete copy has the same source store and schema, so that it can be resumed.
 *
 * @param remedy how to remove it
 * @throws CredctlError `conflict`
 */
export async function requireSameCopy(
  connection: SqlConnection,
  sourceId: string,
  location: string,
  remedy: string,
): Promise<void> {
  const found = await firstRow<{ source_id: string; schema: number }>(
    connection,
    `select source_id, schema from ${UNFINISHED}`,
  );
  if (found?.source_id === sourceId && found.schema === SCHEMA_NUMBER) return;
  const which =
    found?.source_id === sourceId ? 'that another version of credctl has begun' : 'of another store';
  throw conflictError(`there is an unfinished copy ${which} at ${location}`, remedy);
}
