import { existsSync, linkSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { openSession } from '../../support/program/run.js';
import { until } from '../../support/program/until.js';
import { startServer } from '../../support/servers/server.js';

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

  it('is refused on a file with two names', async () => {
    const session = await openSession();
    await session.ok('store', 'init');
    linkSync(session.workspace.defaultStore, session.workspace.path('second.db'));
    for (const store of [session.workspace.defaultStore, 'second.db'])
      expect((await session.refused(8, ['serve', '--store', store])).message).toMatch(/hard link/);
  });

  it.each([
    [['--host', '0.0.0.0'], /no name was allowed/],
    [['--host', '[::]'], /no name was allowed/],
    [['--host', '[localhost]', '--allowed-host', 'x'], /no address of this machine/],
    [['--port', '65536'], /--port/],
    [['--port', 'http'], /--port/],
    [['--rate-limit', '-1'], /--rate-limit/],
    [['--public-url', 'auth.example.com'], /public URL/],
    [['--public-url', 'https://auth.example.com/?x'], /public URL/],
    [['--public-url', 'https://user:pw@auth.example.com'], /public URL/],
    [['--allowed-host', 'auth.internal:8080'], /name of a host/],
    [['--trust-proxy', '10.0.0.0/33'], /network/],
    [['--trust-proxy', 'all'], /network/],
    [['--trust-proxy', '0.0.0.0/0'], /every network/],
    [['--trust-proxy', '::/0'], /every network/],
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

  it.each(['::1', '[::1]'])('on %s is reached by its URL, in which it has brackets', async (address) => {
    const server = await startServer(await openSession(), '--host', address);
    expect(server.url).toBe(`http://[::1]:${server.port}`);
    const { status } = await fetch(`${server.url}/rest/v1/auth/test`);
    expect(status).toBe(401);
    const metadata = await fetch(`${server.url}/.well-known/oauth-authorization-server`);
    expect(await metadata.json()).toMatchObject({ issuer: server.url });
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
});
