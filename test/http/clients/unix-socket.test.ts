import { once } from 'node:events';
import { existsSync, lstatSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { z } from 'zod';
import { openSession, type Session } from '../../support/program/run.js';
import { until } from '../../support/program/until.js';
import { forged } from '../../support/servers/clients.js';
import { bearer, launchServer, sendTo, startServer } from '../../support/servers/server.js';

const TEST_AUTH = '/rest/v1/auth/test';
const METADATA = '/.well-known/oauth-authorization-server';

const USED = z.object({ credential: z.object({ last_used_from: z.string() }) });

/** The permission bits of a file. */
function modeOf(path: string): string {
  return (lstatSync(path).mode & 0o777).toString(8);
}

/** A store with an API key, and the path of a socket that is not there yet. */
async function prepare(): Promise<{ session: Session; key: string; socket: string }> {
  const session = await openSession();
  return { session, key: await session.issue('ci-bot'), socket: session.workspace.path('credctl.sock') };
}

describe('a server on a Unix socket', () => {
  it('has no port, says where it is, answers there, and takes the socket away at its end', async () => {
    const { session, key, socket } = await prepare();
    const server = await startServer(session, '--socket', 'credctl.sock');
    expect(server.stdout()).toBe(`unix:${socket}\n`);
    expect(modeOf(socket)).toBe('660');
    expect((await server.send(TEST_AUTH, { headers: bearer(key) })).status).toBe(200);
    expect(JSON.parse((await server.send(METADATA)).text)).toMatchObject({ issuer: 'http://localhost' });
    expect(await server.end()).toBe(0);
    expect(existsSync(socket)).toBe(false);
    expect(server.log()).toContain('"finished":true');
  });

  it('has a port as well where one is named, and finishes what is in flight on both', async () => {
    const { session, key, socket } = await prepare();
    const flags = ['--socket', socket, '--port', '0', '--socket-mode', '600', '--json'];
    const server = launchServer(session, flags);
    onTestFinished(() => void server.child.kill('SIGKILL'));
    server.started.catch(() => {});
    const line = await new Promise<string>((resolve) =>
      server.child.stdout?.once('data', (text: string) => resolve(text)),
    );
    const { url, socket: named } = JSON.parse(line) as { url: string; socket: string };
    expect(named).toBe(socket);
    expect(modeOf(socket)).toBe('600');
    const port = Number(new URL(url).port);
    for (const place of [{ port }, { socketPath: socket }]) {
      expect((await sendTo(place, TEST_AUTH, { headers: bearer(key) })).status).toBe(200);
    }
    const kept = sendTo({ socketPath: socket }, '/healthz', { headers: { connection: 'keep-alive' } });
    expect((await kept).status).toBe(200);
    const ended = once(server.child, 'exit');
    server.child.kill('SIGTERM');
    expect(await ended).toEqual([0, null]);
    expect(existsSync(socket)).toBe(false);
  });

  it('shows requests to paste with --dev', async () => {
    const { session, socket } = await prepare();
    const server = await startServer(session, '--socket', socket, '--dev');
    await until(async () => server.log().includes('/metrics'));
    expect(server.log()).toContain(`curl --unix-socket ${socket} -s http://localhost/healthz`);
  });

  it('replaces a socket that nobody listens on any more', async () => {
    const { session, socket } = await prepare();
    const killed = await startServer(session, '--socket', socket);
    const gone = once(killed.child, 'exit');
    killed.child.kill('SIGKILL');
    await gone;
    expect(existsSync(socket)).toBe(true);
    const server = await startServer(session, '--socket', socket);
    expect((await server.send('/healthz')).status).toBe(200);
  });

  it('is refused where a server listens, and that one goes on', async () => {
    const { session, socket } = await prepare();
    const server = await startServer(session, '--socket', socket);
    const { message, hint } = await session.refused(5, ['serve', '--socket', socket]);
    expect(message).toContain('in use');
    expect(hint).toContain('--socket');
    expect((await server.send('/healthz')).status).toBe(200);
    expect(await server.end()).toBe(0);
  });

  it('is refused where another program listens', async () => {
    const { session, socket } = await prepare();
    const other = createServer().listen(socket);
    await once(other, 'listening');
    onTestFinished(() => void other.close());
    await session.refused(5, ['serve', '--socket', socket]);
    expect(lstatSync(socket).isSocket()).toBe(true);
  });

  it('is refused where another kind of file is, which stays as it is', async () => {
    const { session, socket } = await prepare();
    const [file, directory, link] = ['file', 'directory', 'link'].map((name) => session.workspace.path(name));
    writeFileSync(file ?? '', 'precious');
    mkdirSync(directory ?? '');
    symlinkSync(socket, link ?? '');
    for (const path of [file, directory, link]) {
      const before = lstatSync(path ?? '').ino;
      const { message } = await session.refused(2, ['serve', '--socket', path ?? '']);
      expect(message).toContain('not a socket');
      expect(lstatSync(path ?? '').ino).toBe(before);
    }
  });

  it.each([
    [['--socket', 'none/credctl.sock'], /does not exist/],
    [['--socket', 'x'.repeat(108)], /too long/],
    [['--socket', 'x', '--host', '127.0.0.1'], /--host/],
    [['--socket', 'x', '--socket-mode', '999'], /--socket-mode/],
    [['--socket', 'x', '--socket-mode', '4660'], /--socket-mode/],
    [['--socket-mode', '600'], /--socket/],
  ])('is refused with %j', async (flags, message) => {
    const { session } = await prepare();
    expect((await session.refused(2, ['serve', ...flags])).message).toMatch(message);
  });
});

describe('a client on a Unix socket', () => {
  it('goes by the name unix, whatever it claims to be, and is limited as one address', async () => {
    const { session, key, socket } = await prepare();
    const server = await startServer(session, '--socket', socket, '--rate-limit', '1000000');
    const claimed = { 'x-forwarded-for': '203.0.113.50' };
    expect((await server.send(TEST_AUTH, { headers: { ...bearer(key), ...claimed } })).status).toBe(200);
    const statuses = new Set<number>();
    for (let n = 0; n < 11; n += 1) {
      const headers = { ...bearer(forged(key)), 'x-forwarded-for': `203.0.113.${n}` };
      statuses.add((await server.send(TEST_AUTH, { headers })).status);
    }
    expect([...statuses]).toEqual([401, 429]);
    expect(await server.end()).toBe(0);
    expect(server.log()).toContain('"address":"unix"');
    expect(server.log()).not.toContain('203.0.113');
    const { credential } = await session.json(USED, 'show', 'ci-bot');
    expect(credential.last_used_from).toBe('unix');
  });

  it('is who a gateway says, with --trust-proxy unix', async () => {
    const { session, key, socket } = await prepare();
    const server = await startServer(session, '--socket', socket, '--trust-proxy', 'unix');
    const headers = { ...bearer(key), 'x-forwarded-for': '198.51.100.7, 203.0.113.50' };
    expect((await server.send(TEST_AUTH, { headers })).status).toBe(200);
    const refused = { ...bearer(forged(key)), 'x-forwarded-for': '203.0.113.9, unix' };
    expect((await server.send(TEST_AUTH, { headers: refused })).status).toBe(401);
    expect(await server.end()).toBe(0);
    expect(server.log()).toContain('"address":"unix"');
    const { credential } = await session.json(USED, 'show', 'ci-bot');
    expect(credential.last_used_from).toBe('203.0.113.50');
  });

  it('has to call it by a name that is its own, as on a port', async () => {
    const { session, socket } = await prepare();
    const server = await startServer(session, '--socket', socket, '--allowed-host', 'auth.internal');
    const status = async (path: string, host: string) =>
      (await server.send(path, { headers: { host } })).status;
    for (const host of ['localhost', 'localhost:80', 'auth.internal']) {
      expect(await status(METADATA, host)).toBe(200);
    }
    expect(await status(METADATA, 'evil.example')).toBe(421);
    expect(await status('/verify', 'evil.example')).toBe(401);
  });
});
