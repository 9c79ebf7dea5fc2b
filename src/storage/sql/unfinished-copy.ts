import { conflictError } from '../../domain/errors.js';
import { SCHEMA_NUMBER } from '../schema/number.js';
import { firstRow, type SqlConnection } from './connection.js';

/** A table that only a copy which is not complete has; what it is a copy of stands in it. */
export const UNFINISHED = 'unfinished_copy';

/** Makes the table; for both engines. */
export const UNFINISHED_TABLE = `create table ${UNFINISHED} (id integer primary key check (id = 1),
  source_id text not null, schema integer not null, started_at bigint not null)`;

/** Notes what a copy is made of. @param now epoch milliseconds */
export async function noteBeginning(connection: SqlConnection, sourceId: string, now: number): Promise<void> {
  await connection.run(`insert into ${UNFINISHED} (id, source_id, schema, started_at) values (1, ?, ?, ?)`, [
    sourceId,
    SCHEMA_NUMBER,
    now,
  ]);
}

/**
 * Goes on only with a copy of the same store, in the same form.
 *
 * @param remedy what removes it
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
