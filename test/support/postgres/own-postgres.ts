import { onTestFinished } from 'vitest';
import { openSession, type Session } from '../program/run.js';
import { type PostgresServer, startPostgres } from './server.js';
import { storeConfig } from './session.js';

/** A session on a PostgreSQL server of its own, so that a test can end it. */
export async function openOwnPostgres(
  prepare?: Parameters<typeof startPostgres>[1],
): Promise<{ readonly session: Session; readonly server: PostgresServer }> {
  const server = await startPostgres(18, prepare);
  onTestFinished(() => server.stop());
  const session = await openSession({ config: storeConfig(server.url) });
  return { session, server };
}
