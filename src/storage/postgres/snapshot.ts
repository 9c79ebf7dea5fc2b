import { PATIENT_ANSWER_MS, type PostgresPool, type PostgresSession } from './connection/pool.js';

/** Begins a read-only snapshot (REPEATABLE READ) without timeouts. */
export const BEGIN_VIEW = `begin isolation level repeatable read read only;
  set local statement_timeout = 0; set local idle_in_transaction_session_timeout = 0`;

/** Runs `look` in one snapshot of the store. */
export function inOneView<T>(pool: PostgresPool, look: (view: PostgresSession) => Promise<T>): Promise<T> {
  return pool.use(async (view) => {
    await view.execute(BEGIN_VIEW);
    const answer = await look(view);
    await view.execute('rollback');
    return answer;
  }, PATIENT_ANSWER_MS);
}
