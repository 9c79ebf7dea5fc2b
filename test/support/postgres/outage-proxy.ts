import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

/** A TCP proxy that can be gone for a while, as a database that is restarted. */
export interface OutageProxy {
  readonly port: number;
  /** Breaks every connection, and refuses others. */
  goDown(): Promise<void>;
  comeBack(): Promise<void>;
}

/** Starts one before a server; it ends with the test. */
export async function outageProxy(host: string, upstreamPort: number): Promise<OutageProxy> {
  const sockets = new Set<Socket>();
  const listen = async (port: number): Promise<Server> => {
    const server = createServer((client) => {
      const upstream = connect(upstreamPort, host);
      for (const [from, to] of [
        [client, upstream],
        [upstream, client],
      ] as const) {
        sockets.add(from);
        from.on('error', () => {});
        from.on('close', () => to.destroy());
        from.pipe(to);
      }
    });
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    return server;
  };
  let server = await listen(0);
  const address = server.address();
  if (address === null || typeof address === 'string') throw new TypeError('a TCP server has a port');
  const { port } = address;
  const goDown = async (): Promise<void> => {
    const closed = once(server, 'close');
    server.close();
    for (const socket of sockets) socket.destroy();
    sockets.clear();
    await closed;
  };
  onTestFinished(() => (server.listening ? goDown() : undefined));
  return {
    port,
    goDown,
    async comeBack() {
      server = await listen(port);
    },
  };
}
