import { spawn } from 'node:child_process';
import { describe, expect, it, onTestFinished } from 'vitest';
import { isInstalled } from '../../support/build/checker.js';
import { openSession } from '../../support/program/run.js';
import { standIn } from '../../support/program/stand-in.js';
import { until } from '../../support/program/until.js';
import { startServer } from '../../support/servers/server.js';

const isReal = isInstalled('systemd-notify', 'systemd') && isInstalled('python3', 'python3');

/** A service manager, as far as it listens: prints what it is told, a line each. */
const MANAGER = `
import socket, sys
manager = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
manager.bind(sys.argv[1].replace('@', chr(0), 1))
print('listening', flush=True)
while True: print(manager.recv(4096).decode(), flush=True)
`;

/** Starts a service manager; all that it was told so far. */
async function listenAt(address: string): Promise<() => string> {
  const manager = spawn('python3', ['-c', MANAGER, address], { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void manager.kill('SIGKILL'));
  let told = '';
  manager.stdout.setEncoding('utf8').on('data', (text: string) => {
    told += text;
  });
  await until(() => told.includes('listening'));
  return () => told;
}

describe('under systemd, a server', () => {
  it.skipIf(!isReal).each(['a path', 'an abstract socket'])(
    'tells that it is ready, and that it ends, at %s',
    async (kind) => {
      const address =
        kind === 'a path' ? `/tmp/credctl-notify-${process.pid}` : `@credctl-notify-${process.pid}`;
      const told = await listenAt(address);
      const server = await startServer(await openSession({ env: { NOTIFY_SOCKET: address } }));
      await until(() => told().includes('READY=1'));
      expect(told()).not.toContain('STOPPING=1');
      expect(await server.end()).toBe(0);
      await until(() => told().includes('STOPPING=1'));
      expect(server.log()).not.toContain('was not told');
    },
  );

  it('tells the end before the shutdown delay', async () => {
    const session = await openSession({ env: { NOTIFY_SOCKET: '/run/none' } });
    const told = session.workspace.path('told');
    await standIn(session, 'systemd-notify', `echo "$@" >> '${told}'`);
    const server = await startServer(session, '--shutdown-delay', '1h');
    await until(async () => (await session.workspace.read('told').catch(() => '')) === 'READY=1\n');
    const ended = server.end();
    await until(async () => (await session.workspace.read('told')) === 'READY=1\nSTOPPING=1\n');
    expect((await server.send('/readyz')).status).toBe(503);
    server.child.kill('SIGTERM');
    expect(await ended).toBe(0);
  });

  it('hands nothing of its environment on but the socket', async () => {
    const env = { NOTIFY_SOCKET: '/run/none', PGPASSWORD: 'hunter2', CREDCTL_STORE: 'elsewhere.db' };
    const session = await openSession({ env });
    await session.ok('store', 'init');
    const told = session.workspace.path('told');
    await standIn(session, 'systemd-notify', `env > '${told}.new'; mv '${told}.new' '${told}'`);
    await startServer(session);
    let seen = '';
    await until(async () => {
      seen = await session.workspace.read('told').catch(() => '');
      return seen !== '';
    });
    expect(seen).toContain('NOTIFY_SOCKET=/run/none');
    expect(seen).not.toMatch(/hunter2|CREDCTL|HOME=|XDG/);
  });

  it.each([
    ['the program systemd-notify is not installed', null],
    ['systemd-notify ended with 1', 'exit 1'],
  ])('says once that systemd was not told where %s', async (reason, script) => {
    const env = { NOTIFY_SOCKET: '/run/none', ...(script === null ? { PATH: '/nowhere' } : {}) };
    const session = await openSession({ env });
    if (script !== null) await standIn(session, 'systemd-notify', script);
    const server = await startServer(session);
    await until(() => server.log().includes('systemd was not told'));
    expect(await server.end()).toBe(0);
    expect(server.log().split('systemd was not told')).toHaveLength(2);
    expect(server.log()).toContain(`note: systemd was not told that the server is ready: ${reason}\n`);
  });

  it('tells nobody and says nothing where no service manager asks for it', async () => {
    const session = await openSession({ env: { NOTIFY_SOCKET: '' } });
    await standIn(session, 'systemd-notify', `echo "$@" >> '${session.workspace.path('told')}'`);
    const server = await startServer(session);
    expect((await server.send('/healthz')).status).toBe(200);
    expect(await server.end()).toBe(0);
    await expect(session.workspace.read('told')).rejects.toThrow('ENOENT');
    expect(server.log()).not.toContain('was not told');
  });
});
