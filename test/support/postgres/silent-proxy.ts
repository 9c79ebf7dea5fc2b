import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

/** A TCP proxy that can stop to pass on anything, as a stopped machine or a network that loses every packet does. */
export interface SilentProxy {
  readonly port: number;
  /** From now on, connections are accepted and nothing comes through. */
  fallSilent(): void;
  /** Everything comes through again, what was held back included. */
  goOn(): void;
}

/** Starts one before a server; it ends with the test. */
export async function silentProxy(host: string, port: number): Promise<SilentProxy> {
  const pairs = new Set<readonly [Socket, Socket]>();
  let isSilent = false;
  const server = createServer((client) => {
    const pair = [client, connect(port, host)] as const;
    const [, upstream] = pair;
    pairs.add(pair);
    for (const [from, to] of [pair, [upstream, client]] as const) {
      from.on('error', () => {});
      from.on('data', (data) => to.write(data));
      from.on('close', () => {
        if (!isSilent) to.destroy();
      });
      if (isSilent) from.pause();
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new TypeError('a TCP server has a port');
  const each = (change: (socket: Socket) => void): void => {
    for (const pair of pairs) for (const socket of pair) change(socket);
  };
  onTestFinished(() => {
    each((socket) => socket.destroy());
    server.close();
  });
  return {
    port: address.port,
    fallSilent() {
      isSilent = true;
      each((socket) => socket.pause());
    },
    goOn() {
      isSilent = false;
      each((socket) => socket.resume());
    },
  };
}
