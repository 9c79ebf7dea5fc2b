import { PATIENT_ANSWER_MS, type PostgresPool, type PostgresSession } from './connection/pool.js';

/** Begins a read-only snapshot (REPEATABLE READ) without timeouts. */
export const BEGIN_SNAPSHOT = `begin isolation level repeatable read read only;
  set local statement_timeout = 0; set local idle_in_transaction_session_timeout = 0`;

/** Runs `look` in one snapshot of the store. */
export function inSnapshot<T>(
  pool: PostgresPool,
  look: (snapshot: PostgresSession) => Promise<T>,
): Promise<T> {
  return pool.use(async (snapshot) => {
    await snapshot.execute(BEGIN_SNAPSHOT);
    const answer = await look(snapshot);
    await snapshot.execute('rollback');
    return answer;
  }, PATIENT_ANSWER_MS);
}
