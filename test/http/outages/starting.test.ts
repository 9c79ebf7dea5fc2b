import { existsSync, linkSync } from 'node:fs';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openTeamSession } from '../../support/postgres/verifier-login.js';
import { openSession } from '../../support/program/run.js';
import { until } from '../../support/program/until.js';
import { launchServer, startServer } from '../../support/servers/server.js';

describe('starting', () => {
  it('prints the base URL first, and nothing else, on standard output', async () => {
    const server = await startServer(await openSession());
    expect(server.stdout()).toMatch(/^http:\/\/127\.0\.0\.1:\d+\n$/);
    expect((await server.send('/healthz')).text).toBe('{"status":"ok"}');
    expect((await server.send('/readyz')).text).toBe('{"status":"ready"}');
    expect(await server.end()).toBe(0);
    expect(server.stdout()).toMatch(/^http:\/\/127\.0\.0\.1:\d+\n$/);
  });

  it('needs a store, also the default one, which --dev makes and says so; one that was named must exist', async () => {
    const session = await openSession();
    const { defaultStore } = session.workspace;
    const missing = await session.refused(8, ['serve', '--port', '0']);
    expect(missing.message).toBe(`there is no store at ${defaultStore}`);
    expect(missing.hint).toMatch(/^check HOME and XDG_DATA_HOME, .*credctl store init/);
    for (const flags of [[], ['--dev']]) {
      const { message } = await session.refused(8, ['serve', '--store', 'none.db', ...flags]);
      expect(message).toContain('there is no store');
    }
    expect([existsSync(defaultStore), existsSync(session.workspace.path('none.db'))]).toEqual([false, false]);
    const { child, started } = launchServer(session, ['--dev']);
    onTestFinished(() => void child.kill('SIGKILL'));
    expect((await started).log()).toContain(`created the store ${defaultStore}\n`);
    expect(existsSync(defaultStore)).toBe(true);
  });

  it.each(['json', 'text'])('says in its log as %s which store it serves', async (format) => {
    const session = await openSession();
    const server = await startServer(session, '--log-format', format);
    const { defaultStore } = session.workspace;
    const line =
      format === 'json'
        ? `"store":"${defaultStore}","msg":"serving"`
        : ` info serving store=${defaultStore}\n`;
    await until(() => server.log().includes(line));
  });

  it('never says the password of a database with that', async () => {
    const session = await openTeamSession();
    const server = await startServer(session);
    await until(() => server.log().includes(`"store":"${session.publicUrl}"`));
    expect(server.log()).not.toContain(session.password);
  });

  it('is refused on a file with two names', async () => {
    const session = await openSession();
    await session.ok('store', 'init');
    linkSync(session.workspace.defaultStore, session.workspace.path('second.db'));
    for (const store of [session.workspace.defaultStore, 'second.db'])
      expect((await session.refused(8, ['serve', '--store', store])).message).toMatch(/hard link/);
  });

  it.each([
    [['--host', '0.0.0.0'], /no host name is allowed/],
    [['--host', '[::]'], /no host name is allowed/],
    [['--host', '[localhost]', '--allowed-host', 'x'], /not an address of this machine/],
    [['--port', '65536'], /--port/],
    [['--port', 'http'], /--port/],
    [['--rate-limit', '-1'], /--rate-limit/],
    [['--public-url', 'auth.example.com'], /public URL/],
    [['--public-url', 'https://auth.example.com/?x'], /public URL/],
    [['--public-url', 'https://user:pw@auth.example.com'], /public URL/],
    [['--allowed-host', 'auth.internal:8080'], /not a host name/],
    [['--trust-proxy', '10.0.0.0/33'], /network/],
    [['--trust-proxy', 'all'], /network/],
    [['--trust-proxy', '0.0.0.0/0'], /every address/],
    [['--trust-proxy', '::/0'], /every address/],
    [['--log-format', 'xml'], /--log-format/],
    [['--drain-timeout', '10'], /duration/],
    [['--host', '192.0.2.77', '--allowed-host', 'x'], /not an address of this machine/],
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
