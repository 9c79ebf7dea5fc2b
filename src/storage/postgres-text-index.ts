import { firstRow } from './connection.js';
import type { PostgresSession } from './postgres-pool.js';

/** The one index that a store can be without: without it, a search reads every credential. */
export const TEXT_INDEX = 'credential_by_text';

/** Rows that wait to be sorted into the index, in KiB: a search reads them all, and 4 MiB of them take long. */
const PENDING_KIB = 256;

/**
 * Makes an index of every three characters in names and descriptions, where the database has the extension `pg_trgm` or
 * lets this login install it, which takes the right to create schemas (PostgreSQL's "trusted extensions").
 *
 * @returns whether the store has the index
 */
export async function createTextIndex(session: PostgresSession): Promise<boolean> {
  await session.execute('savepoint text_index');
  try {
    await session.execute('create extension if not exists pg_trgm');
    const place = await firstRow<{ schema: string }>(
      session,
      `select quote_ident(n.nspname) as schema from pg_extension e join pg_namespace n on n.oid = e.extnamespace
        where e.extname = 'pg_trgm'`,
    );
    if (place === null) throw new TypeError('an extension that exists has a schema');
    const operators = `${place.schema}.gin_trgm_ops`;
    await session.execute(
      `create index ${TEXT_INDEX} on credential using gin (name_key ${operators}, description_key ${operators})
        with (gin_pending_list_limit = ${PENDING_KIB})`,
    );
    await session.execute('release savepoint text_index');
    return true;
  } catch {
    await session.execute('rollback to savepoint text_index');
    return false;
  }
}
