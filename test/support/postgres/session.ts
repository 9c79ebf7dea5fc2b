import { onTestFinished } from 'vitest';
import { openSession, type Session } from '../program/run.js';
import { POSTGRES_18, type PostgresEngine, type TestDatabase } from './stores.js';

/** A session whose store is in an empty database of its own; the configuration file names it. */
export interface PostgresSession extends Session {
  readonly database: TestDatabase;
  /** The same URL without the password, for a command line. */
  readonly publicUrl: string;
  readonly password: string;
}

export async function openPostgresSession(engine: PostgresEngine = POSTGRES_18): Promise<PostgresSession> {
  const database = await engine.database();
  onTestFinished(() => database.drop());
  const session = await openSession({ config: storeConfig(database.url) });
  const url = new URL(database.url);
  const { password } = url;
  url.password = '';
  return Object.assign(session, { database, publicUrl: url.href, password });
}

/** A configuration file that names a store, under which a hash costs nothing. */
export function storeConfig(url: string): string {
  return `hash = "sha256"\nstore = "${url}"\n`;
}
