import { createHash } from 'node:crypto';
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { POSTGRES_18 } from '../support/postgres-stores.js';
import { openSession, type Session } from '../support/run.js';
import { bearer, startServer } from '../support/server.js';
import { openTeamSession } from '../support/verifier-login.js';

interface Opened {
  readonly session: Session;
  readonly gateway: Session;
  /** Gives the only version another hash behind the program's back. */
  replace(hash: string): Promise<unknown>;
}

const NEW_GENERATION = 'update generation set value = value + 1';

async function onSqlite(): Promise<Opened> {
  const session = await openSession();
  return {
    session,
    gateway: session,
    async replace(hash) {
      const database = new Database(session.workspace.defaultStore);
      database.prepare('update version_hash set hash = ?').run(hash);
      database.exec(NEW_GENERATION);
      database.close();
    },
  };
}

async function onPostgres(): Promise<Opened> {
  const session = await openTeamSession(POSTGRES_18);
  return {
    session,
    gateway: session.gateway,
    async replace(hash) {
      await session.database.ask(`update credctl.version_hash set hash = '${hash}'`);
      await session.database.ask(NEW_GENERATION.replace('generation', 'credctl.generation'));
    },
  };
}

describe.each([
  ['SQLite', onSqlite],
  ['PostgreSQL', onPostgres],
])('a running server on %s', (_engine, open) => {
  it('refuses a secret that it remembers at once when the stored hash is another one', async () => {
    const { session, gateway, replace } = await open();
    const key = await session.issue('ci-bot');
    const server = await startServer(gateway);
    const status = async () => (await server.send('/rest/v1/auth/test', { headers: bearer(key) })).status;
    for (let n = 0; n < 3; n += 1) expect(await status()).toBe(200);
    await replace(`$sha256$${createHash('sha256').update('another').digest('hex')}`);
    expect(await status()).toBe(401);
  });
});
