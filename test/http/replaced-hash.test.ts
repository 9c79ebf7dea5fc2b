import { createHash } from 'node:crypto';
import Database from 'better-sqlite3';
import { describe, expect, it, vi } from 'vitest';
import { POSTGRES_18 } from '../support/postgres/stores.js';
import { openTeamSession } from '../support/postgres/verifier-login.js';
import { openSession, type Session } from '../support/program/run.js';
import { bearer, startServer } from '../support/servers/server.js';

interface Opened {
  readonly session: Session;
  readonly gateway: Session;
  /** Gives the only version another hash behind the program's back. */
  replace(hash: string): Promise<unknown>;
  /** Says to servers that something has changed. */
  announce(): Promise<unknown>;
}

const ANOTHER = `$sha256$${createHash('sha256').update('another').digest('hex')}`;

const NEW_GENERATION = 'update generation set value = value + 1';

function changed(session: Session, change: (database: Database.Database) => unknown): void {
  const database = new Database(session.workspace.defaultStore);
  change(database);
  database.close();
}

async function onSqlite(): Promise<Opened> {
  const session = await openSession();
  return {
    session,
    gateway: session,
    async replace(hash) {
      changed(session, (database) => database.prepare('update version_hash set hash = ?').run(hash));
    },
    async announce() {
      changed(session, (database) => database.exec(NEW_GENERATION));
    },
  };
}

async function onPostgres(): Promise<Opened> {
  const session = await openTeamSession(POSTGRES_18);
  return {
    session,
    gateway: session.gateway,
    replace: (hash) => session.database.ask(`update credctl.version_hash set hash = '${hash}'`),
    announce: () => session.database.ask(NEW_GENERATION.replace('generation', 'credctl.generation')),
  };
}

describe.each([
  ['SQLite', onSqlite],
  ['PostgreSQL', onPostgres],
])('a running server on %s', (_engine, open) => {
  async function remembering() {
    const opened = await open();
    const key = await opened.session.issue('ci-bot');
    const server = await startServer(opened.gateway);
    const status = async () => (await server.send('/rest/v1/auth/test', { headers: bearer(key) })).status;
    for (let n = 0; n < 3; n += 1) expect(await status()).toBe(200);
    return { ...opened, status };
  }

  it('refuses a secret that it remembers at once when the stored hash is another one', async () => {
    const { replace, announce, status } = await remembering();
    await replace(ANOTHER);
    await announce();
    expect(await status()).toBe(401);
  });

  it('refuses it within seconds when nothing was told of the change', async () => {
    const { replace, status } = await remembering();
    await replace(ANOTHER);
    await vi.waitFor(async () => expect(await status()).toBe(401), { timeout: 30_000, interval: 100 });
  });
});
