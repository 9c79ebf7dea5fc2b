import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';

const REASONS: ReadonlyMap<number, string> = new Map([
  [400, 'Bad Request'],
  [408, 'Request Timeout'],
  [431, 'Request Header Fields Too Large'],
]);

const STATUS: ReadonlyMap<string, number> = new Map([
  ['ERR_HTTP_REQUEST_TIMEOUT', 408],
  ['HPE_HEADER_OVERFLOW', 431],
]);

/** What came in on a connection. */
interface Connection {
  unanswered: number;
  last: IncomingMessage | null;
  /** Refuses what was broken, and ends the connection; null where nothing was. */
  refuse: (() => void) | null;
  /** Those that will never be answered otherwise: none, or the last, whose body is what was broken. */
  lost: 0 | 1;
}

/**
 * Refuses what is not even HTTP, or never became complete, and ends its connection; nothing of it is repeated. What came
 * before it on that connection is answered first (RFC 9112 §9.3.2).
 */
export class BrokenRequests {
  readonly #connections = new WeakMap<Socket, Connection>();
  readonly #account: (status: number, fault: Error & { readonly code?: string }, socket: Socket) => void;

  /** @param account counts and logs what was refused */
  constructor(account: (status: number, fault: Error & { readonly code?: string }, socket: Socket) => void) {
    this.#account = account;
  }

  /** A request came in, and will be {@link answered}. */
  begun(request: IncomingMessage): void {
    const connection = this.#on(request.socket);
    connection.unanswered += 1;
    connection.last = request;
  }

  answered({ socket }: IncomingMessage): void {
    const connection = this.#on(socket);
    connection.unanswered -= 1;
    if (connection.unanswered === connection.lost) connection.refuse?.();
  }

  refuse(fault: Error & { readonly code?: string }, socket: Socket): void {
    if (!socket.writable || fault.code === 'ECONNRESET') {
      socket.destroy();
      return;
    }
    const connection = this.#on(socket);
    // Whatever follows is broken as well.
    if (connection.refuse !== null) return;
    connection.refuse = () => {
      const status = STATUS.get(fault.code ?? '') ?? 400;
      socket.end(answerOf(status));
      this.#account(status, fault, socket);
    };
    connection.lost = connection.unanswered > 0 && connection.last?.complete === false ? 1 : 0;
    if (connection.unanswered === connection.lost) connection.refuse();
  }

  #on(socket: Socket): Connection {
    const known = this.#connections.get(socket);
    if (known !== undefined) return known;
    const connection: Connection = { unanswered: 0, last: null, refuse: null, lost: 0 };
    this.#connections.set(socket, connection);
    return connection;
  }
}

function answerOf(status: number): string {
  const body = '{"error":"invalid_request"}';
  const headers = `Content-Type: application/json\r\nContent-Length: ${body.length}\r\nConnection: close`;
  return `HTTP/1.1 ${status} ${REASONS.get(status)}\r\n${headers}\r\n\r\n${body}`;
}
