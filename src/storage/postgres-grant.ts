import { CredctlError, notFoundError } from '../domain/errors.js';
import { quote } from '../domain/quote.js';
import type { StoreRole } from '../domain/store-role.js';
import { firstRow } from './connection.js';
import { type PostgresSession, SCHEMA } from './postgres-pool.js';

const SETTINGS = ['schema_number', 'store', 'generation', 'catalog'];
const CREDENTIALS = ['owner', 'credential', 'credential_scope', 'credential_label', 'version'];
const USES = ['last_use'];
const HASHES = ['version_hash', 'access_token'];
const TRAIL = ['audit_head', 'audit_event', 'tombstone', 'deleted_version'];

/** The rights of each role, on no more tables than it needs. Nobody may alter the audit trail, only add to it. */
const RIGHTS: Readonly<Record<StoreRole, readonly (readonly [right: string, tables: readonly string[]])[]>> =
  {
    admin: [
      ['select', [...SETTINGS, ...CREDENTIALS, ...USES, ...HASHES, ...TRAIL]],
      ['insert', [...CREDENTIALS, ...USES, ...HASHES, 'audit_event', 'tombstone', 'deleted_version']],
      ['update', [...CREDENTIALS, ...USES, ...HASHES, 'store', 'generation', 'catalog', 'audit_head']],
      ['delete', [...CREDENTIALS, ...USES, ...HASHES]],
    ],
    auditor: [['select', [...SETTINGS, ...CREDENTIALS, ...USES, ...TRAIL]]],
    verifier: [
      ['select', [...SETTINGS, ...CREDENTIALS, ...USES, ...HASHES]],
      ['insert', [...USES, 'access_token']],
      ['update', USES],
      ['delete', ['access_token']],
    ],
  };

/** Grants the rights of a role in the store to a role of the database. */
export async function grantTo(
  session: PostgresSession,
  role: StoreRole,
  databaseRole: string,
): Promise<void> {
  const found = await firstRow(session, 'select 1 from pg_roles where rolname = ?', [databaseRole]);
  if (found === null) {
    throw notFoundError(
      `the database has no role ${quote(databaseRole)}`,
      'make it first: create role NAME login, and note that its case counts',
    );
  }
  await requireOwnership(session, 'grant rights on it');
  const grantee = `"${databaseRole.replaceAll('"', '""')}"`;
  const grants = RIGHTS[role].map(
    ([right, tables]) => `grant ${right} on ${tables.join(', ')} to ${grantee}`,
  );
  await session.execute([`grant usage on schema ${SCHEMA} to ${grantee}`, ...grants].join('; '));
}

/**
 * Whoever may pass nothing on would only be warned.
 *
 * @param task what the owner alone can do with the store
 * @throws CredctlError `denied`
 */
export async function requireOwnership(session: PostgresSession, task: string): Promise<void> {
  const foreign = await firstRow(
    session,
    `select 1 from pg_class where relnamespace = '${SCHEMA}'::regnamespace and relkind = 'r'
      and not pg_has_role(relowner, 'usage') limit 1`,
  );
  if (foreign === null) return;
  throw new CredctlError('denied', `only the role that made the store can ${task}`, {
    hint: 'log in as that role, or as the superuser',
  });
}
