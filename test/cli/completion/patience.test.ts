import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { namesInStore } from '../../../src/cli/completion/names.js';
import { createHost } from '../../../src/cli/host/system-host.js';
import { openSession } from '../../support/program/run.js';

// What the build puts in place of this name.
Object.assign(globalThis, { CREDCTL_VERSION: '0.0.0-test' });

/** The start of the program has the rest of the second that a Tab may take. */
const SHARE_OF_THE_STORE_MS = 700;

/** The port of a database that takes connections and never says anything. */
async function muteDatabase(): Promise<number> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket.on('error', () => {}));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new TypeError('a TCP server has a port');
  return address.port;
}

describe('a completion', () => {
  it('waits for less than a second, for an answer as for a lock', async () => {
    const asked: number[] = [];
    const host = {
      ...createHost({ env: {} }),
      openForReading(_store: unknown, _newStore: unknown, options: { readonly busySeconds?: number } = {}) {
        asked.push((options.busySeconds ?? Number.POSITIVE_INFINITY) * 1_000);
        return new Promise<never>(() => {});
      },
    };
    const elapsed = async (ms: number): Promise<null> => {
      asked.push(ms);
      return null;
    };
    expect(await namesInStore(host, 'any.db', 'credential', '', elapsed)).toBeNull();
    expect(asked).toHaveLength(2);
    for (const ms of asked) expect(ms).toBeLessThanOrEqual(SHARE_OF_THE_STORE_MS);
  });

  it('answers without a database that says nothing, and waits for no call that is blocked', async () => {
    const session = await openSession();
    const store = `postgres://u@127.0.0.1:${await muteDatabase()}/x`;
    const args = ['__complete', '--', '--store', store, 'show', ''];
    const { exitCode, stdout, stderr } = await session.run(args, { ownProcess: true });
    // 128 and SIGKILL: process.exit would wait for the thread pool.
    expect({ exitCode, stdout, stderr }).toEqual({ exitCode: 137, stdout: ':credential\n', stderr: '' });
  });

  it('needs no database for commands, flags and choices', async () => {
    const session = await openSession();
    const store = `postgres://u@127.0.0.1:${await muteDatabase()}/x`;
    for (const words of [['ro'], ['list', '--so'], ['list', '--sort', '']]) {
      const args = ['__complete', '--', '--store', store, ...words];
      const { exitCode, stdout } = await session.run(args, { ownProcess: true });
      expect(exitCode).toBe(0);
      expect(stdout.split('\n').length).toBeGreaterThan(1);
    }
  });
});
