import { CredctlError, notFoundError } from '../../../domain/errors.js';
import type { StoreRole } from '../../../domain/ports/store-role.js';
import { quote } from '../../../domain/text/quote.js';
import { firstRow } from '../../sql/connection.js';
import { type PostgresSession, SCHEMA } from '../connection/pool.js';
import { quotedName } from '../parameters.js';
import { grantsOf } from './store-rights.js';

/**
 * Grants the rights of a role of the store to a role of the database.
 *
 * @throws CredctlError `not_found` for an unknown database role, `denied` when the login does not own the store
 */
export async function grantTo(
  session: PostgresSession,
  role: StoreRole,
  databaseRole: string,
): Promise<void> {
  const found = await firstRow(session, 'select 1 from pg_catalog.pg_roles where rolname = ?', [
    databaseRole,
  ]);
  if (found === null) {
    throw notFoundError(
      `the database has no role ${quote(databaseRole)}`,
      'create the role first: create role NAME login; upper and lower case matter',
    );
  }
  await requireOwnership(session, 'grant rights on it');
  await session.execute(grantsOf(role, quotedName(databaseRole)).join('; '));
}

/**
 * Checks ownership first: without the right to grant, PostgreSQL only warns.
 *
 * @param task what only the owner can do with the store
 * @throws CredctlError `denied`
 */
export async function requireOwnership(session: PostgresSession, task: string): Promise<void> {
  const foreign = await firstRow(
    session,
    `select 1 from pg_catalog.pg_class where relnamespace = '${SCHEMA}'::regnamespace::oid and relkind = 'r'
      and not pg_catalog.pg_has_role(relowner, 'usage') limit 1`,
  );
  if (foreign === null) return;
  throw new CredctlError('denied', `only the role that created the store can ${task}`, {
    hint: 'log in as that role',
  });
}
