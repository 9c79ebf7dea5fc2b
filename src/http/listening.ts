import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { CredctlError, usageError } from '../domain/errors.js';
import { quote } from '../domain/text/quote.js';
import { UNIX_PEER } from './request/client-address.js';

/** Where a server listens: on a port, on a Unix socket, or on both. */
export interface ListeningPlaces {
  readonly host: string;
  /** 0 for a free port; null for none. */
  readonly port: number | null;
  readonly socket: SocketPlace | null;
}

/** A Unix socket. */
export interface SocketPlace {
  /** Absolute. */
  readonly path: string;
  /** Permission bits. */
  readonly mode: number;
}

/** Lets a server listen on a Unix socket. Errors: CredctlError. */
export type ListenOnSocket = (server: Server, path: string, mode: number) => Promise<void>;

/** A listener. */
export interface Listening {
  /** Base URL of the port, such as `http://127.0.0.1:8080`; `unix:PATH` for a socket alone. */
  readonly url: string;
  /** Stops accepting on what the application's own server does not, and waits for its connections. */
  close(): Promise<void>;
}

/**
 * Starts listening.
 *
 * @throws CredctlError `conflict` when a place is in use, `denied` when it may not be used, `usage` when it does not
 *   exist on this machine
 */
export async function listen(
  app: FastifyInstance,
  { host, port, socket }: ListeningPlaces,
  listenOnSocket: ListenOnSocket,
): Promise<Listening> {
  if (port === null) {
    if (socket === null) throw new TypeError('no place to listen on');
    await app.ready();
    app.server.on('connection', nameUnixPeer);
    await listenOnSocket(app.server, socket.path, socket.mode);
    app.log.info(`listening at ${socket.path}`);
    return { url: `unix:${socket.path}`, close: async () => {} };
  }
  await listenOnPort(app, host, port);
  const url = urlOf(app.server.address() as AddressInfo);
  if (socket === null) return { url, close: async () => {} };
  const beside = await listenBeside(app, socket, listenOnSocket);
  return { url, close: () => new Promise((resolve) => beside.close(() => resolve())) };
}

async function listenOnPort(app: FastifyInstance, host: string, port: number): Promise<void> {
  try {
    await app.listen({
      // Fastify would open a second listener for IPv6, which is not tracked here.
      host: host === 'localhost' ? '127.0.0.1' : host,
      port,
      listenTextResolver: (address) => `listening at ${address}`,
    });
  } catch (fault) {
    throw listenFault(fault, host, port);
  }
}

/** Hands the connections of a Unix socket to the server of the port, which tracks them as its own. */
async function listenBeside(
  app: FastifyInstance,
  { path, mode }: SocketPlace,
  listenOnSocket: ListenOnSocket,
): Promise<Server> {
  const beside = createServer({ allowHalfOpen: true }, (connection) => {
    nameUnixPeer(connection);
    app.server.emit('connection', connection);
  });
  await listenOnSocket(beside, path, mode);
  app.log.info(`listening at ${path}`);
  return beside;
}

/**
 * Shadows the address of the peer, which a Unix socket has none of. An absent one is no sign of a Unix socket: that
 * of a TCP connection is absent once it is closed.
 */
function nameUnixPeer(connection: Socket): void {
  Object.defineProperty(connection, 'remoteAddress', { value: UNIX_PEER });
}

function urlOf({ address, family, port }: AddressInfo): string {
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
}

function listenFault(fault: unknown, host: string, port: number): unknown {
  const code = fault instanceof Error && 'code' in fault ? fault.code : null;
  switch (code) {
    case 'EADDRINUSE':
      return new CredctlError('conflict', `port ${port} of ${quote(host)} is in use`, {
        hint: 'end the other server, or choose another port; --port 0 takes any free one',
        cause: fault,
      });
    case 'EACCES':
      return new CredctlError('denied', `you may not use port ${port}`, {
        hint: 'choose a port of 1024 or more',
        cause: fault,
      });
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return usageError(`${quote(host)} is not an address of this machine`, 'listen on 127.0.0.1 or 0.0.0.0');
    default:
      return fault;
  }
}
