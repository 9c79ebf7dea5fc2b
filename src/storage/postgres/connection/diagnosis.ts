import { CredctlError } from '../../../domain/errors.js';
import { sqlStateOf } from '../fault.js';
import { namingHolder, WAITED_IN_VAIN } from './holder.js';
import type { PostgresSession } from './session.js';

/** SQLSTATEs that can mean a session without our settings, or a server that accepts no writes. */
const TELLING = /^(?:42P01|42703|3F000|26000|42P05|25006|25P02|XX000)$/;

/** SQLSTATEs that only another session explains: a prepared statement is missing or exists already. */
const OF_ANOTHER_SESSION = /^(?:26000|42P05)$/;

const SESSION = `select pg_catalog.pg_backend_pid() as backend, pg_catalog.current_setting('search_path') as path,
  pg_catalog.pg_is_in_recovery()::text as is_standby,
  (select pg_catalog.string_agg(relname::text, ' ') from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    where n.nspname = 'credctl' and c.relkind = 'r') as tables`;

interface SessionState {
  readonly backend: number;
  readonly path: string;
  readonly is_standby: string;
  readonly tables: string | null;
}

/**
 * Explains a fault by queries on its session, after its transaction: a pooler that switches sessions makes a sound
 * store look as if it had no tables, and a standby refuses writes. Other faults are returned unchanged.
 *
 * @param path the search_path that the session was given
 */
export async function diagnosed(
  fault: unknown,
  session: PostgresSession,
  { location, path }: { readonly location: string; readonly path: string },
): Promise<unknown> {
  const state = sqlStateOf(fault);
  // PgBouncer in statement pooling mode refuses transactions.
  if (state === '08P01' && /pooling mode/.test(causeOf(fault))) return otherSessions(location, fault);
  if (state !== null && WAITED_IN_VAIN.test(state) && fault instanceof CredctlError) {
    return namingHolder(fault, session).catch(() => fault);
  }
  if (state === null || !TELLING.test(state)) return fault;
  if (OF_ANOTHER_SESSION.test(state)) return otherSessions(location, fault);
  try {
    const { rows } = await session.execute(`rollback; ${SESSION}`);
    const [found] = rows as readonly SessionState[];
    if (found === undefined) return fault;
    const isAnother = found.backend !== session.backend || found.path !== path;
    if (isAnother || (state === '42P01' && namesOneOf(fault, found.tables))) {
      return otherSessions(location, fault);
    }
    if (found.is_standby === 'true') return state === '42703' ? fault : standby(location, fault);
    return state === '25006' ? readOnly(location, fault) : fault;
  } catch {
    return fault;
  }
}

/** Whether the message of an undefined-table error, in any language, names a table that exists. */
function namesOneOf(fault: unknown, tables: string | null): boolean {
  const present = new Set(tables?.split(' '));
  return (causeOf(fault).match(/\w+/g) ?? []).some((word) => present.has(word));
}

function causeOf(fault: unknown): string {
  return fault instanceof Error && fault.cause instanceof Error ? fault.cause.message : '';
}

/** The error for a pooler that switches sessions: settings and prepared statements of one are missing in the next. */
export function otherSessions(location: string, cause?: unknown): CredctlError {
  return new CredctlError(
    'store_unavailable',
    `a pooler in front of ${location} changes the session between statements`,
    {
      hint: 'let the pooler keep one session for each client (PgBouncer: pool_mode = session), or connect to the server directly; the store is not damaged',
      cause,
    },
  );
}

/** The error for a write on a standby (hot standby, in recovery). */
export function standby(location: string, cause?: unknown): CredctlError {
  return new CredctlError('store_unavailable', `${location} is a standby, which cannot be written`, {
    hint: 'name the primary server, or promote this one',
    cause,
  });
}

/** The error for a session in which transactions are read-only by default. */
export function readOnly(location: string, cause?: unknown): CredctlError {
  return new CredctlError('store_unavailable', `${location} is read-only for this login`, {
    hint: 'turn off default_transaction_read_only for the login, the database and the server',
    cause,
  });
}
