import type pg from 'pg';
import { describe, expect, it, onTestFinished } from 'vitest';
import { START } from '../../../support/dependencies/fixed-clock.js';
import { type Bouncer, startBouncer } from '../../../support/postgres/pgbouncer.js';
import { openPostgresSession, storeConfig } from '../../../support/postgres/session.js';
import { POSTGRES_ENGINES, type TestDatabase } from '../../../support/postgres/stores.js';
import { openSession } from '../../../support/program/run.js';
import { until } from '../../../support/program/until.js';
import { issueClient } from '../../../support/servers/clients.js';
import { basic, bearer, startServer } from '../../../support/servers/server.js';
import { note, openAt } from '../../files.js';
import { failure } from '../../fixtures.js';

const OTHER_SESSIONS = failure(
  'store_unavailable',
  /changes the session between statements/,
  /pool_mode = session/,
);
const GRANT = { grant_type: 'client_credentials' };

/** What a session of the pool has for settings. */
const SETTINGS = `select current_setting('search_path') as path, current_setting('statement_timeout') as statement,
  current_setting('lock_timeout') as lock, current_setting('client_min_messages') as messages`;
const UNTOUCHED = { path: '"$user", public', statement: '0', lock: '0', messages: 'notice' };

/** A client of the pool that holds a session in an open transaction, so that no other client gets it. */
async function holder(bouncer: Bouncer): Promise<{ hold(): Promise<void>; release(): Promise<void> }> {
  const client: pg.Client = await bouncer.connect();
  const run = async (text: string): Promise<void> => {
    await client.query(text);
  };
  return { hold: () => run('begin; select 1'), release: () => run('commit') };
}

describe.each(POSTGRES_ENGINES)(
  'behind a pooler that hands out sessions by transaction, on $label',
  (engine) => {
    async function pooled(): Promise<{ readonly database: TestDatabase; readonly bouncer: Bouncer }> {
      const { database, ...session } = await openPostgresSession(engine);
      await session.ok('store', 'init');
      return { database, bouncer: await startBouncer(database.url, 'transaction') };
    }

    it('a question says so, and not that the store lacks anything', async () => {
      const { bouncer } = await pooled();
      const store = await openAt(bouncer.url);
      onTestFinished(() => store.close());
      expect(await store.findCredential('nobody')).toBeNull();
      await (await holder(bouncer)).hold();
      await expect(store.findCredential('nobody')).rejects.toEqual(OTHER_SESSIONS);
    });

    it('a change says so, and is not made', async () => {
      const { bouncer } = await pooled();
      const store = await openAt(bouncer.url);
      onTestFinished(() => store.close());
      const other = await holder(bouncer);
      await other.hold();
      await expect(note(store)).rejects.toEqual(OTHER_SESSIONS);
      await other.release();
      expect(await store.verifyAudit(null)).toMatchObject({ valid: true, events: 1 });
    });

    it('a check and an export say so', async () => {
      const { bouncer } = await pooled();
      const other = await holder(bouncer);
      for (const look of ['check', 'export'] as const) {
        const store = await openAt(bouncer.url);
        await other.hold();
        const looked =
          look === 'check' ? store.check(START) : store.exportAudit()[Symbol.asyncIterator]().next();
        await expect(looked).rejects.toEqual(OTHER_SESSIONS);
        await other.release();
        await store.close();
      }
    });

    it('a store that really lacks a part is still said to', async () => {
      const { bouncer, database } = await pooled();
      const store = await openAt(bouncer.url);
      onTestFinished(() => store.close());
      await database.ask('drop table credctl.credential cascade');
      await expect(store.findCredential('nobody')).rejects.toEqual(failure('integrity', /lacks a part/));
    });

    it('the settings of a session are put back at the end', async () => {
      const { bouncer } = await pooled();
      const store = await openAt(bouncer.url);
      await note(store);
      await store.close();
      const { rows } = await (await bouncer.connect()).query(SETTINGS);
      expect(rows).toEqual([UNTOUCHED]);
    });
  },
);

it('behind a pooler that hands out sessions by statement, a change says so', async () => {
  const { database, ...session } = await openPostgresSession();
  await session.ok('store', 'init');
  const bouncer = await startBouncer(database.url, 'statement');
  const store = await openAt(bouncer.url);
  onTestFinished(() => store.close());
  await expect(note(store)).rejects.toEqual(OTHER_SESSIONS);
});

it('a server behind it answers 503 with the reason in its log, never 500, and never that the store is damaged', async () => {
  const owner = await openPostgresSession();
  const key = await owner.issue('ci-bot');
  const client = await issueClient(owner, 'crm');
  const bouncer = await startBouncer(owner.database.url, 'transaction');
  const session = await openSession({ config: storeConfig(bouncer.url) });
  const server = await startServer(session);
  const other = await holder(bouncer);
  const seen = new Set<number>();
  const ask = async (): Promise<void> => {
    const answers = await Promise.all([
      server.send('/verify', { headers: bearer(key) }),
      server.post('/oauth/v1/token', GRANT, basic(client.clientId, client.secret)),
      server.send('/readyz'),
    ]);
    for (const { status } of answers) seen.add(status);
  };
  await until(async () => {
    await other.hold();
    await ask();
    await other.release();
    await ask();
    return server.log().includes('changes the session between statements');
  });
  expect([...seen].filter((status) => status !== 200 && status !== 503)).toEqual([]);
  expect(server.log()).toContain('"code":"store_unavailable"');
  expect(server.log()).not.toMatch(/integrity|"level":50|SQLSTATE/);
});

describe('behind a pooler that keeps a session for each client', () => {
  it('all is as without one, and others find their sessions as they were', async () => {
    const { database } = await openPostgresSession();
    const bouncer = await startBouncer(database.url, 'session', 20);
    const session = await openSession({ config: storeConfig(bouncer.url) });
    const key = await session.issue('ci-bot');
    const client = await issueClient(session, 'crm');
    await session.ok('rotate', 'ci-bot', '--grace', '1h');
    expect(JSON.parse(await session.ok('list', '--json')).credentials).toHaveLength(2);
    expect(JSON.parse(await session.ok('store', 'check', '--json')).findings).toEqual([]);
    const server = await startServer(session);
    const grants = await Promise.all(
      Array.from({ length: 20 }, () =>
        server.post('/oauth/v1/token', GRANT, basic(client.clientId, client.secret)),
      ),
    );
    expect(new Set(grants.map(({ status }) => status))).toEqual(new Set([200]));
    expect((await server.send('/verify', { headers: bearer(key) })).status).toBe(200);
    expect((await server.send('/readyz')).status).toBe(200);
    expect(await server.end()).toBe(0);
    const { rows } = await (await bouncer.connect()).query(SETTINGS);
    expect(rows).toEqual([UNTOUCHED]);
  });
});

describe('options that a pooler refuses', () => {
  it.each([
    ['in the URL', '?options=-c%20work_mem%3D8MB', {}],
    ['in PGOPTIONS', '', { PGOPTIONS: '-c work_mem=8MB' }],
  ])('%s are said to be, with what to do', async (_, search, env) => {
    const { database } = await openPostgresSession();
    const bouncer = await startBouncer(database.url, 'session');
    const session = await openSession({ config: storeConfig(`${bouncer.url}${search}`) });
    const { exitCode, stderr } = await session.run(['list'], { env: { ...session.workspace.env, ...env } });
    expect(exitCode).toBe(8);
    expect(stderr).toMatch(/postgres:\S+ is behind a pooler that refuses options/);
    expect(stderr).toMatch(/hint: leave options out of the URL[^\n]*ignore_startup_parameters = options/);
  });
});
