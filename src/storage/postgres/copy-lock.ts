import { conflictError } from '../../domain/errors.js';
import { PATIENT_ANSWER_MS, type PostgresPool, type PostgresSession } from './connection/pool.js';
import { sqlStateOf } from './fault.js';

/** What keeps a second command from working on the same copy. */
export interface CopyLock {
  /** The transaction that holds it. */
  readonly session: PostgresSession;
  /** Makes sure that it is held still. */
  requireHeld(): Promise<void>;
  release(): Promise<void>;
}

/**
 * A mode that conflicts with itself, and with no reading or writing of rows. Unlike an advisory lock, which every login of the
 * database can take, it takes a right to change the table.
 */
const LOCK = `begin; set local statement_timeout = 0; set local idle_in_transaction_session_timeout = 0;
  lock table credctl.catalog in share update exclusive mode nowait`;

/** What is answered where somebody else holds a lock (SQLSTATE). */
const HELD = '55P03';

/** Takes the lock on the tables of a copy, for as long as its transaction lasts. @throws CredctlError `conflict` */
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

/** The refusal of a copy that somebody else works on. */
export function beingMade(location: string): Error {
  return conflictError(
    `another command is making a copy in ${location}`,
    'wait for it, or name another database',
  );
}
