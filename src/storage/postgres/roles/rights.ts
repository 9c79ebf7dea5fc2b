import { firstRow } from '../../sql/connection.js';
import { type PostgresSession, SCHEMA } from '../connection/pool.js';
import { RECORD_LEAKS } from '../functions/record-leaks.js';
import { RECORD_USES } from '../functions/record-uses.js';
import { grantsOf, STORE_RIGHTS } from './store-rights.js';

interface Right {
  readonly table: string;
  readonly grantee: string;
  readonly right: string;
  readonly may_pass_on: number;
}

interface Caller {
  readonly function: string;
  readonly grantee: string;
}

/** Rights on tables granted to roles other than the owner. */
const RIGHTS = `select c.relname as table, case a.grantee when 0::oid then 'public' else a.grantee::regrole::text end as grantee,
    a.privilege_type as right, a.is_grantable::int as may_pass_on
  from pg_catalog.pg_class c, pg_catalog.aclexplode(c.relacl) a
  where c.relnamespace = '${SCHEMA}'::regnamespace::oid and c.relkind = 'r' and a.grantee <> c.relowner
  order by 1, 2, 3`;

/** Roles other than the owner that may call a function of the schema. */
const CALLERS = `select distinct p.proname as function, case a.grantee when 0::oid then 'public' else a.grantee::regrole::text end as grantee
  from pg_catalog.pg_proc p, pg_catalog.aclexplode(p.proacl) a
  where p.pronamespace = '${SCHEMA}'::regnamespace::oid and a.grantee <> p.proowner
  order by 1, 2`;

/** Tables that a schema added, each with the older one by whose rights it is read: schemas 3 and 5. */
const READ_LIKE = [
  ['deleted_version', 'tombstone'],
  ['leak', 'last_use'],
] as const;

/**
 * Runs a migration as the role that owns the tables (SET ROLE). Who may read a table that has gained another one beside
 * it may read that too.
 */
export async function keepingRights(session: PostgresSession, work: () => Promise<void>): Promise<void> {
  const owner = await firstRow<{ name: string }>(
    session,
    `select r.oid::regrole::text as name from pg_catalog.pg_class c join pg_catalog.pg_roles r on r.oid = c.relowner
      where c.relnamespace = '${SCHEMA}'::regnamespace::oid and c.relname = 'audit_head' and r.rolname <> current_user`,
  );
  const before = await session.all<Right>(RIGHTS, []);
  const callers = await session.all<Caller>(CALLERS, []);
  if (owner !== null) await session.execute(`set local role ${owner.name}`);
  await work();
  for (const [table, older] of READ_LIKE) {
    for (const { grantee, may_pass_on } of before.filter(
      (held) => held.table === older && held.right === 'SELECT',
    )) {
      await session.execute(
        `grant select on ${SCHEMA}.${table} to ${grantee}${may_pass_on === 1 ? ' with grant option' : ''}`,
      );
    }
  }
  await narrow(session, before);
  await widen(session, callers);
  if (owner !== null) await session.execute('reset role');
}

/** Tables that a server's login wrote to directly before functions did, and no longer may. */
const BY_FUNCTIONS = ['access_token', 'last_use'];

/**
 * Adapts grants of earlier schemas: roles that may change the store get today's rights of `admin`; those that only
 * verified get EXECUTE on the functions in place of rights on the tables.
 */
async function narrow(session: PostgresSession, before: readonly Right[]): Promise<void> {
  for (const grantee of new Set(before.map((right) => right.grantee))) {
    const held = before.filter((right) => right.grantee === grantee);
    if (held.some(({ table, right }) => table === 'audit_head' && right === 'UPDATE')) {
      await session.execute(grantsOf('admin', grantee).join('; '));
    } else if (held.some(({ table, right }) => BY_FUNCTIONS.includes(table) && right !== 'SELECT')) {
      await session.execute(
        `revoke insert, update, delete, truncate on ${BY_FUNCTIONS.join(', ')} from ${grantee} cascade`,
      );
      if (grantee === 'public') continue;
      for (const { name } of STORE_RIGHTS.verifier.functions) {
        await session.execute(`grant execute on function credctl.${name} to ${grantee}`);
      }
    }
  }
}

/** Who may call a function that every server needed may call those that schema 5 added. */
async function widen(session: PostgresSession, callers: readonly Caller[]): Promise<void> {
  for (const { grantee } of callers.filter((caller) => caller.function === RECORD_USES.name)) {
    if (grantee === 'public') continue;
    await session.execute(`grant execute on function credctl.${RECORD_LEAKS.name} to ${grantee}`);
  }
}
