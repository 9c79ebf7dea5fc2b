import { CredctlError } from '../../../domain/errors.js';
import { quote } from '../../../domain/text/quote.js';
import type { PostgresSession } from './session.js';

/** SQLSTATE of a wait for a lock that was given up. */
export const WAITED_IN_VAIN = /^(?:55P03|57014)$/;

/**
 * Who holds something of the schema and waits for nobody: above all the row that all changes lock first, and last those
 * who only read, whom only a migration waits for. Of other logins' sessions, any login sees as much.
 */
const HOLDER = `select a.pid, a.usename::text as login, a.application_name as program
  from pg_catalog.pg_locks l
    join pg_catalog.pg_class c on c.oid = l.relation
    join pg_catalog.pg_namespace n on n.oid = c.relnamespace and n.nspname = 'credctl'
    join pg_catalog.pg_stat_activity a on a.pid = l.pid
  where l.locktype = 'relation' and l.granted and l.pid <> pg_catalog.pg_backend_pid()
    and l.database = (select d.oid from pg_catalog.pg_database d where d.datname = pg_catalog.current_database())
    and not exists (select 1 from pg_catalog.pg_locks w where w.pid = l.pid and not w.granted)
  order by l.mode = 'AccessShareLock', c.relname <> 'audit_head', a.pid limit 1`;

/** One that holds what it has locked, and that no session is to be seen of (PREPARE TRANSACTION). */
const PREPARED = `select p.gid, p.owner::text as login from pg_catalog.pg_prepared_xacts p
  where p.database = pg_catalog.current_database() order by p.prepared limit 1`;

interface Prepared {
  readonly gid: string;
  readonly login: string;
}

interface Holder {
  readonly pid: number;
  readonly login: string | null;
  readonly program: string | null;
}

/** The fault with the session that was waited for, where there is one; asked once the own transaction has ended. */
export async function namingHolder(fault: CredctlError, session: PostgresSession): Promise<CredctlError> {
  const { rows } = await session.execute(`rollback; ${HOLDER}`);
  const [holder] = rows as readonly Holder[];
  if (holder === undefined) return namingPrepared(fault, session);
  const { pid, login, program } = holder;
  const who = [
    ...(login === null ? [] : [`login ${quote(login)}`]),
    ...(program === null || program === '' ? [] : [`program ${quote(program)}`]),
  ].join(', ');
  return new CredctlError(fault.code, fault.message, {
    hint: `the session ${pid}${who === '' ? '' : ` (${who})`} holds it; try again, or end that session in SQL: select pg_terminate_backend(${pid})`,
    cause: fault.cause,
  });
}

async function namingPrepared(fault: CredctlError, session: PostgresSession): Promise<CredctlError> {
  const { rows } = await session.execute(PREPARED);
  const [prepared] = rows as readonly Prepared[];
  if (prepared === undefined) return fault;
  const { gid, login } = prepared;
  return new CredctlError(fault.code, fault.message, {
    hint: `the prepared transaction ${quote(gid)} (login ${quote(login)}) may hold it; try again, or end it in SQL, as its owner or a superuser: rollback prepared '${gid.replaceAll("'", "''")}'`,
    cause: fault.cause,
  });
}
