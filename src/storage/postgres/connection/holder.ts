import { CredctlError } from '../../../domain/errors.js';
import { quote } from '../../../domain/text/quote.js';
import type { PostgresSession } from './session.js';

/** SQLSTATEs of a lock wait that ended without the lock: lock_timeout or statement_timeout. */
export const WAITED_IN_VAIN = /^(?:55P03|57014)$/;

/**
 * The session that holds a lock in the schema and waits for none itself. Holders of the row in audit_head, which
 * every change locks first, come first; plain readers, which block only a migration, come last. These columns are
 * visible for other logins' sessions too.
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

/** A prepared transaction (PREPARE TRANSACTION) holds locks, but has no session. */
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

/**
 * Adds the session that holds the lock to the fault's hint, where one is found. Asked after a rollback of the own
 * transaction.
 */
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
