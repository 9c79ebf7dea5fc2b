import { createServer, type Server, type Socket } from 'node:net';
import { decodeMessage, encodeMessage, type Message } from './dbus-messages.js';
import type { Value } from './dbus-values.js';

/** What a service answers: values with their types, an error, or nothing at all. */
export type Reply =
  | { readonly signature: string; readonly body: readonly Value[] }
  | { readonly error: string; readonly text: string }
  | 'silence';

export type SendSignal = (
  path: string,
  name: `${string}.${string}`,
  signature: string,
  body: readonly Value[],
) => void;

/** A service on a bus of its own; `emit` sends a signal to the caller. */
export type Service = (call: Message, emit: SendSignal) => Reply | Promise<Reply>;

/** A D-Bus session bus at a socket of its own, with one service and nothing else on it. */
export interface PrivateBus {
  /** As in DBUS_SESSION_BUS_ADDRESS. */
  readonly address: string;
  /** How many connections there have been. */
  readonly connections: number;
  close(): void;
}

export interface PrivateBusOptions {
  /** Path of the socket. */
  readonly path: string;
  /** The name that the service has on the bus; null for a bus without any. */
  readonly serviceName: string | null;
  readonly service: Service;
  /** Takes connections and never says anything. */
  readonly isMute?: () => boolean;
}

const BUS = 'org.freedesktop.DBus';

/** The service's own connection. */
const SERVICE = ':1.0';

const SERVER_ID = '0123456789abcdef0123456789abcdef';

/** Opens the bus. It does not keep the process alive. */
export function openPrivateBus(options: PrivateBusOptions): PrivateBus {
  const sockets = new Set<Socket>();
  let connections = 0;
  const server: Server = createServer((socket) => {
    connections += 1;
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
    socket.unref();
    if (options.isMute?.() !== true) converse(socket, `:1.${connections}`, options);
  });
  server.listen(options.path);
  server.unref();
  return {
    address: `unix:path=${options.path}`,
    get connections() {
      return connections;
    },
    close() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

/** Lets the peer authenticate, which is all in lines, and answers its messages from then on. */
function converse(socket: Socket, name: string, options: PrivateBusOptions): void {
  let arrived = Buffer.alloc(0);
  let isAuthenticated = false;
  let serial = 0;
  const send = (message: Omit<Message, 'serial' | 'expectsReply'>): void => {
    serial += 1;
    if (socket.writable) socket.write(encodeMessage({ destination: name, ...message, serial }));
  };
  const emit: SendSignal = (path, full, signature, body) => {
    const dot = full.lastIndexOf('.');
    send({
      type: 'signal',
      sender: SERVICE,
      path,
      interface: full.slice(0, dot),
      member: full.slice(dot + 1),
      signature,
      body,
    });
  };
  const answer = async (call: Message): Promise<void> => {
    const isForBus = call.destination === BUS;
    const reply = isForBus ? busReply(call, name, options) : await serviceReply(call, emit, options);
    if (reply === 'silence' || !call.expectsReply) return;
    const about = { sender: isForBus ? BUS : SERVICE, replySerial: call.serial };
    if ('error' in reply) {
      send({ ...about, type: 'error', errorName: reply.error, signature: 's', body: [reply.text] });
    } else {
      send({ ...about, type: 'return', ...(reply.signature === '' ? {} : reply), body: reply.body });
    }
  };
  socket.on('data', (chunk) => {
    arrived = Buffer.concat([arrived, chunk]);
    while (!isAuthenticated) {
      const end = arrived.indexOf('\r\n');
      if (end === -1) return;
      const line = arrived.toString('latin1', 0, end).replace(/^\0/, '');
      arrived = arrived.subarray(end + 2);
      if (line === 'BEGIN') isAuthenticated = true;
      else socket.write(`${authenticationAnswer(line)}\r\n`);
    }
    for (let next = decodeMessage(arrived); next !== null; next = decodeMessage(arrived)) {
      arrived = arrived.subarray(next.length);
      if (next.message.type === 'call') void answer(next.message);
    }
  });
}

function authenticationAnswer(line: string): string {
  if (line.startsWith('AUTH EXTERNAL')) return `OK ${SERVER_ID}`;
  return line.startsWith('AUTH') ? 'REJECTED EXTERNAL' : 'ERROR';
}

/** What the bus itself is asked. */
function busReply({ member, body }: Message, name: string, { serviceName }: PrivateBusOptions): Reply {
  const isPresent = serviceName !== null && body[0] === serviceName;
  switch (member) {
    case 'Hello':
      return { signature: 's', body: [name] };
    case 'NameHasOwner':
      return { signature: 'b', body: [isPresent] };
    case 'GetNameOwner':
      return isPresent ? { signature: 's', body: [SERVICE] } : noSuchService(String(body[0]));
    case 'StartServiceByName':
      return isPresent ? { signature: 'u', body: [2] } : noSuchService(String(body[0]));
    default:
      return { signature: '', body: [] };
  }
}

function serviceReply(call: Message, emit: SendSignal, options: PrivateBusOptions): Reply | Promise<Reply> {
  if (options.serviceName === null || call.destination !== options.serviceName) {
    return noSuchService(call.destination ?? '');
  }
  return options.service(call, emit);
}

function noSuchService(name: string): Reply {
  return {
    error: 'org.freedesktop.DBus.Error.ServiceUnknown',
    text: `The name ${name} was not provided by any .service files`,
  };
}
