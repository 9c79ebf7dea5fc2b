import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

/** What becomes of a COMMIT and of its answer. */
export type Cut =
  /** The server commits; the client never learns of it. */
  | 'after'
  /** The server never sees it: both connections break. */
  | 'before'
  /** The server never sees it and keeps waiting; only the client's connection breaks. */
  | 'held';

/** A TCP proxy before a PostgreSQL server that can break a connection at a COMMIT. */
export interface CuttingProxy {
  readonly port: number;
  /** Cuts at the COMMIT that comes after so many others, and refuses every later connection when told to. */
  arm(cut: Cut, plan?: { readonly skip?: number; readonly forGood?: boolean }): void;
  /** How many connections were cut. */
  readonly cuts: number;
  close(): Promise<void>;
}

/** A query message of the protocol with just this text (PostgreSQL documentation, §55.7). */
const COMMIT = Buffer.from('Q\0\0\0\x0bcommit\0', 'latin1');

export async function cuttingProxy(host: string, port: number): Promise<CuttingProxy> {
  const sockets = new Set<Socket>();
  let armed: { readonly cut: Cut; skip: number; readonly forGood: boolean } | null = null;
  let isClosed = false;
  let cuts = 0;
  const server = createServer((client) => {
    if (isClosed) return void client.destroy();
    const upstream = connect(port, host);
    let isCut = false;
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => sockets.delete(socket));
    }
    const isTurn = (data: Buffer): boolean => {
      if (armed === null || !data.includes(COMMIT)) return false;
      armed.skip -= 1;
      return armed.skip < 0;
    };
    client.on('data', (data: Buffer) => {
      if (armed === null || !isTurn(data)) return void upstream.write(data);
      isCut = true;
      cuts += 1;
      const { cut, forGood } = armed;
      isClosed = forGood;
      armed = null;
      if (cut === 'after') {
        upstream.once('data', () => client.destroy());
        upstream.write(data);
      } else {
        if (cut === 'before') upstream.destroy();
        client.destroy();
      }
    });
    client.on('end', () => upstream.end());
    client.on('close', () => {
      if (!isCut) upstream.end();
    });
    upstream.on('data', (data: Buffer) => {
      if (!isCut) client.write(data);
    });
    upstream.on('close', () => client.end());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new TypeError('a TCP server has a port');
  return {
    port: address.port,
    arm(cut, { skip = 0, forGood = false } = {}) {
      armed = { cut, skip, forGood };
    },
    get cuts() {
      return cuts;
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
