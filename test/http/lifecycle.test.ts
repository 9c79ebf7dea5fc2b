import { copyFileSync, existsSync, renameSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import '../support/patience.js';
import { issueClient } from '../support/clients.js';
import { openSession, type Session } from '../support/run.js';
import { basic, bearer, type Server, startServer } from '../support/server.js';

const TEST_AUTH = '/rest/v1/auth/test';
const GRANT = { grant_type: 'client_credentials' };

function ask(server: Server, key: string): Promise<{ status: number; text: string }> {
  return server.send(TEST_AUTH, { headers: bearer(key) });
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 120_000;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error('it did not happen');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Copies of a store that nobody has open. */
function files(session: Session): readonly string[] {
  const store = session.workspace.defaultStore;
  return [store, `${store}-wal`, `${store}-shm`];
}

describe('starting', () => {
  it('prints the base URL first, and nothing else, on standard output', async () => {
    const server = await startServer(await openSession());
    expect(server.stdout()).toMatch(/^http:\/\/127\.0\.0\.1:\d+\n$/);
    expect((await server.send('/healthz')).text).toBe('{"status":"ok"}');
    expect((await server.send('/readyz')).text).toBe('{"status":"ready"}');
    expect(await server.end()).toBe(0);
    expect(server.stdout()).toMatch(/^http:\/\/127\.0\.0\.1:\d+\n$/);
  });

  it('creates the default store and says so; one that was named must exist', async () => {
    const session = await openSession();
    const server = await startServer(session);
    expect(server.log()).toContain('created the store');
    expect(existsSync(session.workspace.defaultStore)).toBe(true);
    expect((await session.refused(8, ['serve', '--store', 'none.db'])).message).toContain(
      'there is no store',
    );
    expect(existsSync(session.workspace.path('none.db'))).toBe(false);
  });

  it.each([
    [['--host', '0.0.0.0'], /no name was allowed/],
    [['--port', '65536'], /--port/],
    [['--port', 'http'], /--port/],
    [['--rate-limit', '-1'], /--rate-limit/],
    [['--public-url', 'auth.example.com'], /public URL/],
    [['--public-url', 'https://auth.example.com/?x'], /public URL/],
    [['--public-url', 'https://user:pw@auth.example.com'], /public URL/],
    [['--allowed-host', 'auth.internal:8080'], /name of a host/],
    [['--trust-proxy', '10.0.0.0/33'], /network/],
    [['--trust-proxy', 'all'], /network/],
    [['--log-format', 'xml'], /--log-format/],
    [['--drain-timeout', '10'], /duration/],
    [['--host', '192.0.2.77', '--allowed-host', 'x'], /no address of this machine/],
  ])('is refused with %j', async (flags, message) => {
    const session = await openSession();
    await session.ok('store', 'init');
    expect((await session.refused(2, ['serve', '--port', '0', ...flags])).message).toMatch(message);
  });

  it('is a conflict on a port that is in use', async () => {
    const session = await openSession();
    const server = await startServer(session);
    const { hint } = await session.refused(5, ['serve', '--port', String(server.port)]);
    expect(hint).toContain('--port 0');
  });

  it('on all addresses goes by the names that are allowed, and says that TLS belongs in front', async () => {
    const server = await startServer(
      await openSession(),
      '--host',
      '0.0.0.0',
      '--allowed-host',
      'auth.internal',
    );
    await until(async () => server.log().includes('TLS'));
    const status = async (host: string) =>
      (await server.send('/.well-known/oauth-authorization-server', { headers: { host } })).status;
    expect(await status('auth.internal:8080')).toBe(200);
    expect(await status('evil.example')).toBe(421);
  });

  it('for development shows a request for each endpoint, and each of them works as it stands', async () => {
    const session = await openSession();
    const key = await session.issue('dev-key');
    const client = await issueClient(session, 'dev-client');
    const server = await startServer(session, '--dev');
    await until(async () => server.log().includes('/metrics'));
    const lines = server
      .log()
      .split('\n')
      .filter((line) => /^(curl|printf|TOKEN=)/.test(line));
    for (const path of [
      'test',
      'verify',
      'token',
      'introspect',
      'revoke',
      'oauth-authorization-server',
      'healthz',
      'readyz',
      'metrics',
    ]) {
      expect(lines.filter((line) => line.includes(path)).length, path).toBeGreaterThan(0);
    }
    const setting = `KEY='${key}'; CLIENT_ID='${client.clientId}'; CLIENT_SECRET='${client.secret}'`;
    const script = [setting, ...lines, 'echo "token=$TOKEN"'].join('\n');
    const { stdout, exitCode } = await session.sh(script);
    expect(exitCode).toBe(0);
    expect(stdout).toContain('"name":"dev-key"');
    expect(stdout).toContain('x-credential-name: dev-key');
    expect(stdout).toContain('"active":true');
    expect(stdout).toMatch(/token=cctl_tok_[0-9A-Za-z]{61}\n/);
    expect(stdout).toContain('"token_endpoint"');
    expect(stdout).toContain('credctl_verifications_total');
    expect(stdout).not.toContain('"error"');
  });
});

describe('ending', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)(
    'on %s finishes what is in flight, and exits with 0',
    async (signal) => {
      const session = await openSession();
      const client = await issueClient(session, 'crm');
      const server = await startServer(session);
      const body = `grant_type=client_credentials&client_id=${client.clientId}&client_secret=${client.secret}`;
      const head = `POST /oauth/v1/token HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: ${body.length}\r\n\r\n`;
      let answer = '';
      const socket = connect(server.port, '127.0.0.1', () => socket.write(head + body.slice(0, 40)));
      socket.setEncoding('latin1').on('data', (text: string) => {
        answer += text;
      });
      const closed = new Promise((resolve) => socket.on('close', resolve));
      await new Promise((resolve) => setTimeout(resolve, 200));
      const ended = server.end(signal);
      await until(async () => server.log().includes('draining'));
      await expect(server.send('/healthz')).rejects.toThrow('ECONNREFUSED');
      expect(server.child.exitCode).toBeNull();
      socket.write(body.slice(40));
      await closed;
      expect(answer).toMatch(/^HTTP\/1\.1 200 /);
      expect(answer).toContain('"access_token"');
      expect(await ended).toBe(0);
      expect(server.log()).toContain('"finished":true');
    },
  );

  it('cuts off what takes longer than the drain time-out, and ends at once when it is told twice', async () => {
    const session = await openSession();
    const hanging =
      'POST /oauth/v1/token HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{';
    const patient = await startServer(session, '--drain-timeout', '1s');
    const first = patient.raw(hanging);
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(await patient.end()).toBe(0);
    await first;
    expect(patient.log()).toContain('"finished":false');
    const impatient = await startServer(session, '--drain-timeout', '1h');
    const second = impatient.raw(hanging);
    await new Promise((resolve) => setTimeout(resolve, 200));
    const ended = impatient.end();
    await until(async () => impatient.log().includes('draining'));
    impatient.child.kill('SIGTERM');
    expect(await ended).toBe(0);
    await second;
  });

  it('closes connections that wait for another request', async () => {
    const server = await startServer(await openSession());
    const kept = server.raw('GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n');
    await until(async () => (await server.send('/metrics')).text.includes('"/healthz"'));
    expect(await server.end()).toBe(0);
    expect(await kept).toMatch(/^HTTP\/1\.1 200 /);
  });
});

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
