import { conflictError } from '../../domain/errors.js';
import { PATIENT_ANSWER_MS, type PostgresPool, type PostgresSession } from './connection/pool.js';
import { sqlStateOf } from './fault.js';

/** A lock that keeps a second command from working on the same copy. */
export interface CopyLock {
  /** The session whose transaction holds the lock. */
  readonly session: PostgresSession;
  /** Fails unless the session, and with it the lock, is still alive. */
  requireHeld(): Promise<void>;
  release(): Promise<void>;
}

/**
 * SHARE UPDATE EXCLUSIVE conflicts with itself, but not with reads or writes of rows. Unlike an advisory lock,
 * which any login of the database can take, it needs a right to change the table.
 */
const LOCK = `begin; set local statement_timeout = 0; set local idle_in_transaction_session_timeout = 0;
  lock table credctl.catalog in share update exclusive mode nowait`;

/** SQLSTATE lock_not_available: another session holds the lock. */
const HELD = '55P03';

/**
 * Takes the lock on the tables of a copy until its transaction ends.
 *
 * @throws CredctlError `conflict` when another command holds it
 */
export async function lockCopy(pool: PostgresPool): Promise<CopyLock> {
  const { session, giveBack } = await pool.lend(PATIENT_ANSWER_MS);
  let isHeld = true;
  const release = async (): Promise<void> => {
    if (!isHeld) return;
    isHeld = false;
    await session.execute('rollback').catch(() => {});
    giveBack();
  };
  try {
    await session.execute(LOCK);
  } catch (fault) {
    await release();
    throw sqlStateOf(fault) === HELD ? beingMade(pool.location) : fault;
  }
  return { session, release, requireHeld: async () => void (await session.execute('select 1')) };
}

/** The error for a copy that another command is working on. */
export function beingMade(location: string): Error {
  return conflictError(
    `another command is making a copy in ${location}`,
    'wait for that command, or name another database',
  );
}
