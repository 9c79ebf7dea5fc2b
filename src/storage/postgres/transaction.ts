import { CredctlError } from '../../domain/errors.js';
import { firstRow } from '../sql/connection.js';
import type { SqlTransaction } from '../sql/transaction.js';
import { DATABASE_TIME } from './connection/clock.js';
import { otherSessions } from './connection/diagnosis.js';
import { type PostgresPool, type PostgresSession, SEARCH_PATH } from './connection/pool.js';
import { wasLost } from './fault.js';
import { HAS_LEFTOVERS, SEES_LEFTOVERS, sweepLeftovers, unmetLeftovers } from './functions/leftovers.js';
import { LOCK_AND_ASK, requireUnchanged } from './schema/locked-tables.js';
import { PostgresTransaction, UseTransaction } from './store-transaction.js';

/** Seconds to find out the outcome of a commit whose answer was lost; milliseconds between two attempts. */
const OUTCOME_SECONDS = 30;

const PAUSE_MS = 100;

/** What identifies a transaction from another connection. */
interface Mark {
  readonly xid: string;
  readonly pid: number;
  /** `session_user`: the login, whatever role the session has set. */
  readonly login: string;
  /** The database's clock in epoch milliseconds, after the locks were acquired. */
  readonly now: number;
  /** Whether earlier deletions have left rows to be removed; only queried by changes. */
  readonly has_leftovers: 'true' | 'false';
}

/**
 * Write transactions. Each change first takes the row lock on the head of the audit trail, which serializes all changes
 * across processes and machines, so the hash chain cannot fork. Unlike an advisory lock, only logins with UPDATE on
 * the row can take it. Logins that only record uses and tokens do not take it, and wait for no lock.
 */
export class PostgresTransactions {
  readonly #pool: PostgresPool;
  readonly #mayChange: boolean;
  readonly #beforeCommit: (session: PostgresSession) => Promise<void>;
  readonly #useTransaction: (session: PostgresSession) => UseTransaction;
  #lastTurn: Promise<unknown> = Promise.resolve();

  /**
   * @param beforeCommit runs before the commit of every change by a login that may change the store
   * @param useTransaction makes the transactions of one that may not
   */
  constructor(
    pool: PostgresPool,
    mayChange: boolean,
    beforeCommit: (session: PostgresSession) => Promise<void> = async () => {},
    useTransaction = (session: PostgresSession) => new UseTransaction(session),
  ) {
    this.#pool = pool;
    this.#mayChange = mayChange;
    this.#beforeCommit = beforeCommit;
    this.#useTransaction = useTransaction;
  }

  /** Runs `work` in a transaction, after all earlier ones of this process. */
  run<T>(work: (transaction: SqlTransaction) => Promise<T>): Promise<T> {
    const turn = this.#lastTurn.then(() => this.#transaction(work));
    this.#lastTurn = turn.catch(() => {});
    return turn;
  }

  /**
   * Removes the leftovers of deletions, skipping rows that other sessions have locked.
   *
   * @returns whether none are visible any more
   */
  async sweep(): Promise<boolean> {
    const unmet = await unmetLeftovers(this.#pool.connection);
    return inTransaction(this.#pool, LOCK_AND_ASK, async (session) => {
      await sweepLeftovers(session, unmet);
      const left = await firstRow<{ has: string }>(session, `select (${SEES_LEFTOVERS})::text as has`);
      return left?.has === 'false';
    });
  }

  async #transaction<T>(work: (transaction: SqlTransaction) => Promise<T>): Promise<T> {
    let hasBegun = false;
    let hasLeftovers = false;
    const attempt = () =>
      inTransaction(this.#pool, this.#mayChange ? CHANGE : '', async (session, mark) => {
        hasBegun = true;
        const transaction = this.#mayChange
          ? new PostgresTransaction(session)
          : this.#useTransaction(session);
        const result = await work(transaction);
        await transaction.finish();
        if (this.#mayChange) {
          await this.#beforeCommit(session);
          hasLeftovers = transaction.hasLeftovers || mark.has_leftovers === 'true';
        }
        return result;
      });
    const result = await attempt().catch((fault: unknown) => {
      // The pooled connection was lost before the transaction began: retry.
      if (hasBegun || !wasLost(fault)) throw fault;
      return attempt();
    });
    if (hasLeftovers) await this.sweep().catch(() => {});
    return result;
  }
}

/** The tables are checked before the first statement that could fire a trigger on them. */
const CHANGE = `${LOCK_AND_ASK}; select 1 from credctl.audit_head where id = 1 for update`;

/**
 * Runs `work` in a transaction and commits it. When the connection is lost before the answer to COMMIT, the outcome
 * is queried on another one.
 *
 * @param lock the statements that take its locks
 * @param answerMs limit of an answer, in milliseconds
 */
export async function inTransaction<T>(
  pool: PostgresPool,
  lock: string,
  work: (session: PostgresSession, mark: Mark) => Promise<T>,
  answerMs?: number,
): Promise<T> {
  let result: { readonly value: T } | null = null;
  let mark: Mark | null = null;
  try {
    return await pool.use(async (session) => {
      try {
        mark = await begin(session, lock, pool.location);
        pool.clock.tell(mark.now);
        const value = await work(session, mark);
        result = { value };
        await commit(session);
        return value;
      } catch (fault) {
        // Also where the lock was not acquired. The error arrives before the server reports the open transaction
        // (ReadyForQuery), and the pool might reuse the connection before that.
        if (!wasLost(fault)) await session.execute('rollback').catch(() => {});
        throw fault;
      }
    }, answerMs);
  } catch (fault) {
    if (result === null || mark === null || !wasLost(fault)) throw fault;
    return settled(pool, mark, (result as { readonly value: T }).value, fault);
  }
}

/**
 * Sets search_path again and compares the backend: a pooler may have switched sessions. Another session lacks our
 * other settings too, above all synchronous_commit.
 */
async function begin(session: PostgresSession, lock: string, location: string): Promise<Mark> {
  const answers = await session.executeAll(
    `begin isolation level read committed; ${lock}; set local search_path = ${SEARCH_PATH};
     select pg_catalog.pg_current_xact_id()::text as xid, pg_catalog.pg_backend_pid() as pid,
      session_user::text as login, ${DATABASE_TIME} as now,
      (${lock === CHANGE ? HAS_LEFTOVERS : 'false'})::text as has_leftovers`,
  );
  const [mark] = (answers.at(-1)?.rows ?? []) as readonly Mark[];
  if (mark === undefined) throw new TypeError('a transaction has an id');
  if (mark.pid !== session.backend) throw otherSessions(location);
  if (lock.startsWith(LOCK_AND_ASK)) requireUnchanged(location, answers);
  session.login = mark.login;
  return mark;
}

/** PostgreSQL answers COMMIT with ROLLBACK after a failed statement. */
async function commit(session: PostgresSession): Promise<void> {
  const { command } = await session.execute('commit');
  if (command !== 'COMMIT') {
    throw new TypeError('a statement of the transaction had failed, and the failure was ignored');
  }
}

async function settled<T>(pool: PostgresPool, mark: Mark, value: T, fault: unknown): Promise<T> {
  const outcome = await outcomeOf(pool, mark);
  if (outcome === 'committed') return value;
  if (outcome === 'aborted') {
    throw new CredctlError(
      'store_unavailable',
      `${pool.location} ended the connection; nothing was changed`,
      {
        hint: 'run the command again',
        cause: fault,
      },
    );
  }
  throw new CredctlError(
    'store_unavailable',
    `${pool.location} ended the connection, and it is not known whether the change was made`,
    { hint: "check with 'credctl audit' before you run the command again", cause: fault },
  );
}

/**
 * Queries on new connections until the outcome is known. A backend that still runs the orphaned transaction is
 * terminated.
 */
async function outcomeOf(pool: PostgresPool, mark: Mark): Promise<'committed' | 'aborted' | 'unknown'> {
  const deadline = performance.now() + OUTCOME_SECONDS * 1_000;
  while (performance.now() < deadline) {
    try {
      const row = await firstRow<{ status: string | null }>(
        pool.connection,
        'select pg_catalog.pg_xact_status(?::xid8) as status',
        [mark.xid],
      );
      if (row?.status === 'committed' || row?.status === 'aborted') return row.status;
      if (row?.status !== 'in progress') return 'unknown';
      await pool.connection.all(
        'select pg_catalog.pg_terminate_backend(pid) from pg_catalog.pg_stat_activity where pid = ? and backend_xid = (?::xid8)::xid',
        [mark.pid, mark.xid],
      );
    } catch (fault) {
      if (!(fault instanceof CredctlError) || fault.code !== 'store_unavailable') return 'unknown';
    }
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
  return 'unknown';
}
