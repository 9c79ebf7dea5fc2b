import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterEach, expect, it, onTestFinished, vi } from 'vitest';
import { type RunningServer, startServer } from '../../../src/http/server.js';
import { fingerprinter } from '../../../src/system/hashing/fingerprinter.js';
import { listenOnSocket } from '../../../src/system/unix-socket.js';
import { serve } from '../../support/servers/serving.js';
import { openScenario } from '../../usecases/scenario.js';

const REQUEST = 'GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n';

/** A server in this process, so that what the clock and its connections do is up to the test. */
async function startHere(): Promise<RunningServer> {
  const { deps, store } = serve(await openScenario());
  const hashing = () => ({ busy: 0, waiting: 0, started: 0, waitedMs: 0, refused: 0 });
  return startServer(
    {
      ...deps,
      store,
      fingerprinter: fingerprinter(),
      hashing,
      hasherBehind: deps.hasher,
      listenOnSocket,
      githubKeys: null,
    },
    {
      host: '127.0.0.1',
      port: 0,
      socket: null,
      publicUrl: null,
      allowedHosts: [],
      trustProxy: [],
      rateLimit: 0,
      stopsLeaks: false,
      logsAll: false,
      log: () => {},
    },
  );
}

/** A connection on which a request was answered, and which was kept. */
async function kept({ url }: RunningServer): Promise<Socket> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1').setEncoding('latin1');
  onTestFinished(() => void socket.destroy());
  expect(await ask(socket)).toContain('keep-alive');
  return socket;
}

async function ask(socket: Socket): Promise<string> {
  const answered = once(socket, 'data');
  socket.write(REQUEST);
  return String(await answered);
}

afterEach(() => {
  vi.useRealTimers();
});

it('a client that asks again on a connection that it has kept is answered, and told that it was the last time', async () => {
  const server = await startHere();
  const [busy, idle] = [await kept(server), await kept(server)];
  const closed = [busy, idle].map((socket) => once(socket, 'close'));
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] });
  const drained = server.drain(60_000);
  vi.advanceTimersByTime(200);
  const last = await ask(busy);
  expect(last).toMatch(/^HTTP\/1\.1 200 /);
  expect(last.toLowerCase()).toContain('connection: close\r\n');
  await closed[0];
  expect(idle.destroyed).toBe(false);
  vi.advanceTimersByTime(100);
  await closed[1];
  expect(await drained).toBe(true);
});
