import { readOnly, standby } from '../../postgres/connection/diagnosis.js';
import type { PostgresPool } from '../../postgres/connection/pool.js';
import type { SchemaInUse } from '../../postgres/earlier/schema-in-use.js';
import { requireServing, type ServingRole } from '../../postgres/roles/roles.js';
import { firstRow } from '../../sql/connection.js';

/**
 * Checks that tokens and uses could be written now. Writes nothing.
 *
 * @throws CredctlError `store_unavailable` on a standby and where sessions are read-only; `denied` where the login
 *   lacks a right
 */
export async function requireWritableDatabase(
  pool: PostgresPool,
  schema: SchemaInUse,
  role: ServingRole,
): Promise<void> {
  const { location } = pool;
  await pool.ask(async (session, discard) => {
    const found = await firstRow<{ is_standby: string; is_read_only: string }>(
      session,
      `select pg_catalog.pg_is_in_recovery()::text as is_standby, pg_catalog.current_setting('transaction_read_only') as is_read_only`,
    );
    if (found?.is_standby !== 'false') throw standby(location);
    if (found.is_read_only === 'off') return;
    // `default_transaction_read_only` is read when a session begins: discard this one, so that the next check sees
    // a changed default.
    discard?.();
    throw readOnly(location);
  });
  await requireServing(pool.connection, schema, role);
}
