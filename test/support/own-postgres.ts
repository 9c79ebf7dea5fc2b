import { onTestFinished } from 'vitest';
import { type PostgresServer, startPostgres } from './postgres-server.js';
import { storeConfig } from './postgres-session.js';
import { openSession, type Session } from './run.js';

/** A session on a PostgreSQL server that nobody else uses, so that a test can end it. */
export async function openOwnPostgres(
  prepare?: Parameters<typeof startPostgres>[1],
): Promise<{ readonly session: Session; readonly server: PostgresServer }> {
  const server = await startPostgres(18, prepare);
  onTestFinished(() => server.stop());
  const session = await openSession({ config: storeConfig(server.url) });
  return { session, server };
}
