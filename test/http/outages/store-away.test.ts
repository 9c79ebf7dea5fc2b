import { copyFileSync, existsSync, renameSync, rmSync } from 'node:fs';
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { openSession, type Session } from '../../support/program/run.js';
import { until } from '../../support/program/until.js';
import { issueClient } from '../../support/servers/clients.js';
import { basic, bearer, type Server, startServer } from '../../support/servers/server.js';

const TEST_AUTH = '/rest/v1/auth/test';
const GRANT = { grant_type: 'client_credentials' };

function ask(server: Server, key: string): Promise<{ status: number; text: string }> {
  return server.send(TEST_AUTH, { headers: bearer(key) });
}

/** Copies of a closed store. */
function files(session: Session): readonly string[] {
  const store = session.workspace.defaultStore;
  return [store, `${store}-wal`, `${store}-shm`];
}

describe('the store under a running server', () => {
  it('can be locked: what is only read goes on, what must be written waits or is 503', async () => {
    const session = await openSession();
    const key = await session.issue('ci-bot');
    const client = await issueClient(session, 'crm');
    const server = await startServer(session);
    const locker = new Database(session.workspace.defaultStore);
    locker.exec('begin exclusive');
    const grant = () => server.post('/oauth/v1/token', GRANT, basic(client.clientId, client.secret));
    let waits = true;
    const waiting = grant().finally(() => {
      waits = false;
    });
    for (let n = 0; n < 20; n += 1) {
      expect((await ask(server, key)).status).toBe(200);
      expect((await server.send('/readyz')).status).toBe(200);
    }
    expect(waits).toBe(true);
    locker.exec('rollback');
    expect((await waiting).status).toBe(200);
    locker.exec('begin exclusive');
    const refused = await grant();
    expect([refused.status, refused.text]).toEqual([503, '{"error":"temporarily_unavailable"}']);
    expect(refused.headers['retry-after']).toBe('1');
    locker.exec('rollback');
    locker.close();
    expect((await grant()).status).toBe(200);
  });

  it('can be deleted: 503 until it is back, and liveness goes on', async () => {
    const session = await openSession();
    const key = await session.issue('ci-bot');
    const client = await issueClient(session, 'crm');
    const server = await startServer(session);
    expect((await ask(server, key)).status).toBe(200);
    const away = files(session).filter(existsSync);
    for (const file of away) renameSync(file, `${file}.away`);
    await until(async () => (await ask(server, key)).status === 503);
    expect((await server.send('/readyz')).status).toBe(503);
    expect((await server.send('/healthz')).status).toBe(200);
    expect((await server.send('/verify', { headers: bearer(key) })).status).toBe(503);
    expect((await server.post('/oauth/v1/token', GRANT, basic(client.clientId, client.secret))).status).toBe(
      503,
    );
    for (const file of away) renameSync(`${file}.away`, file);
    expect((await ask(server, key)).status).toBe(200);
    expect((await server.send('/readyz')).status).toBe(200);
    expect((await server.post('/oauth/v1/token', GRANT, basic(client.clientId, client.secret))).status).toBe(
      200,
    );
    expect(server.log()).not.toMatch(/"level":50/);
  });

  it('can be replaced: the very next request is judged by the new file', async () => {
    const session = await openSession();
    const key = await session.issue('ci-bot');
    const client = await issueClient(session, 'crm');
    const store = session.workspace.defaultStore;
    const checkpoint = new Database(store);
    checkpoint.pragma('wal_checkpoint(truncate)');
    checkpoint.close();
    copyFileSync(store, `${store}.backup`);
    const server = await startServer(session);
    expect((await ask(server, key)).status).toBe(200);
    const late = await session.issue('late');
    await session.ok('deactivate', 'ci-bot');
    expect([(await ask(server, key)).status, (await ask(server, late)).status]).toEqual([401, 200]);
    for (const file of files(session)) rmSync(file, { force: true });
    renameSync(`${store}.backup`, store);
    expect([(await ask(server, key)).status, (await ask(server, late)).status]).toEqual([200, 401]);
    expect((await server.post('/oauth/v1/token', GRANT, basic(client.clientId, client.secret))).status).toBe(
      200,
    );
    await session.ok('delete', 'ci-bot', '--yes');
    expect((await ask(server, key)).status).toBe(401);
  });

  it('is shared by servers: a token of one is good at the other, until something is changed', async () => {
    const session = await openSession();
    const client = await issueClient(session, 'crm');
    const [one, other] = [await startServer(session), await startServer(session)];
    const { text } = await one.post('/oauth/v1/token', GRANT, basic(client.clientId, client.secret));
    const { access_token: token } = JSON.parse(text) as { access_token: string };
    expect((await ask(other, token)).status).toBe(200);
    await session.ok('deactivate', 'crm');
    expect([(await ask(one, token)).status, (await ask(other, token)).status]).toEqual([401, 401]);
  });
});
