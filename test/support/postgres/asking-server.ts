import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { TLSSocket } from 'node:tls';
import { onTestFinished } from 'vitest';

/** A request for a password, as a server of PostgreSQL makes it (PostgreSQL documentation, §53.7). */
export type Request = 'password' | 'md5' | 'scram' | 'ok';

const message = (body: Buffer): Buffer => {
  const head = Buffer.alloc(5);
  head.write('R');
  head.writeInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
};
const word = (value: number): Buffer => Buffer.from([0, 0, 0, value]);

const REQUESTS: Readonly<Record<Request, Buffer>> = {
  ok: message(word(0)),
  password: message(word(3)),
  md5: message(Buffer.concat([word(5), Buffer.from('salt')])),
  scram: message(Buffer.concat([word(10), Buffer.from('SCRAM-SHA-256\0\0')])),
};

/** A server that asks who connects, and keeps everything that it is answered. */
export interface AskingServer {
  readonly port: number;
  /** What came after the packets that open a session, of all connections. */
  received(): string;
  /** How many connections went on to the start of a session with TLS, and without. */
  readonly sessions: { encrypted: number; plain: number };
}

/**
 * Starts one.
 *
 * @param requests what it asks, one after the other, each as soon as there was an answer
 * @param tls what it offers
 */
export async function startAsking(
  requests: readonly Request[],
  { tls, address }: { readonly tls: SelfSigned | null; readonly address: string },
): Promise<AskingServer> {
  const sessions = { encrypted: 0, plain: 0 };
  let received = '';
  const sockets = new Set<Socket>();
  const talk = (stream: Socket): void => {
    const left = [...requests];
    let isOpen = false;
    stream.on('data', (data) => {
      if (isOpen) received += data.toString('latin1');
      isOpen = true;
      const next = left.shift();
      if (next !== undefined) stream.write(REQUESTS[next]);
    });
    stream.on('error', () => {});
  };
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.once('data', (data) => {
      // A wish for TLS is eight bytes long.
      if (data.length !== 8) {
        sessions.plain += 1;
        talk(socket);
        socket.emit('data', data);
      } else if (tls === null) {
        socket.write('N');
        socket.once('data', (start) => {
          sessions.plain += 1;
          talk(socket);
          socket.emit('data', start);
        });
      } else {
        socket.write('S');
        const secure = new TLSSocket(socket, { isServer: true, key: tls.key, cert: tls.cert });
        secure.on('error', () => {});
        secure.once('secure', () => {
          sessions.encrypted += 1;
        });
        talk(secure);
      }
    });
  });
  server.listen(0, address);
  await once(server, 'listening');
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const bound = server.address();
  if (bound === null || typeof bound === 'string') throw new TypeError('a TCP server has a port');
  return { port: bound.port, received: () => received, sessions };
}

/** A key, and a self-signed certificate for `localhost`. */
export interface SelfSigned {
  readonly key: Buffer;
  readonly cert: Buffer;
  /** Where the certificate is. */
  readonly path: string;
}

/** Makes one, for as long as the test lasts. */
export function selfSigned(): SelfSigned {
  const directory = mkdtempSync(join(tmpdir(), 'credctl-asking-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  const [key, path] = [join(directory, 'key'), join(directory, 'crt')];
  execFileSync(
    'openssl',
    [
      ...[
        'req',
        '-x509',
        '-newkey',
        'ec',
        '-pkeyopt',
        'ec_paramgen_curve:prime256v1',
        '-nodes',
        '-keyout',
        key,
      ],
      ...['-out', path, '-subj', '/CN=localhost', '-days', '2', '-addext', 'subjectAltName=DNS:localhost'],
    ],
    { stdio: 'ignore' },
  );
  return { key: readFileSync(key), cert: readFileSync(path), path };
}

/** An address of this machine that a network leads to; null where there is none. */
export function outerAddress(): string | null {
  const all = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  return all.find(({ internal, family }) => !internal && family === 'IPv4')?.address ?? null;
}
