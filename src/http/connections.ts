import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';

/** Requests on one connection that may wait for their answers; what Node has read of them is in memory. */
const MOST_UNANSWERED = 500;

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

/** The connections of a server, and what waits to be answered on each. */
export class Connections {
  readonly #open = new Map<Socket, Connection>();

  opened(socket: Socket): void {
    this.#open.set(socket, { unanswered: 0, last: null, refuse: null, lost: 0 });
    socket.once('close', () => this.#open.delete(socket));
  }

  /**
   * A request came in, and will be {@link answered}.
   *
   * @returns false where nobody is to look at it: too many wait on its connection, which is cut off with this one
   */
  begun(request: IncomingMessage): boolean {
    const connection = this.#open.get(request.socket);
    if (connection === undefined) return false;
    connection.unanswered += 1;
    connection.last = request;
    if (connection.unanswered <= MOST_UNANSWERED) return true;
    request.socket.destroy();
    return false;
  }

  /** Whether it is the request that has had its connection cut off, not one that came behind it. */
  isFirstTooMany({ socket }: IncomingMessage): boolean {
    return this.#open.get(socket)?.unanswered === MOST_UNANSWERED + 1;
  }

  answered({ socket }: IncomingMessage): void {
    const connection = this.#open.get(socket);
    if (connection === undefined) return;
    connection.unanswered -= 1;
    if (connection.unanswered === 0) connection.last = null;
    if (connection.unanswered === connection.lost) connection.refuse?.();
  }

  /**
   * Refuses what is not even HTTP, or never became complete, and ends its connection; nothing of it is repeated. What
   * came before it on that connection is answered first (RFC 9112 §9.3.2).
   *
   * @param account counts and logs what was refused
   */
  refuse(fault: Error & { readonly code?: string }, socket: Socket, account: (status: number) => void): void {
    const connection = this.#open.get(socket);
    if (connection === undefined || !socket.writable || fault.code === 'ECONNRESET') {
      socket.destroy();
      return;
    }
    // Whatever follows is broken as well.
    if (connection.refuse !== null) return;
    connection.refuse = () => {
      const status = STATUS.get(fault.code ?? '') ?? 400;
      socket.end(answerOf(status));
      account(status);
    };
    connection.lost = connection.unanswered > 0 && connection.last?.complete === false ? 1 : 0;
    if (connection.unanswered === connection.lost) connection.refuse();
  }

  /** Cuts off connections on which no request waits for its answer, or for its body. */
  cutOffSilent(): void {
    for (const [socket, { unanswered }] of this.#open) if (unanswered === 0) socket.destroy();
  }
}

function answerOf(status: number): string {
  const body = '{"error":"invalid_request"}';
  const headers = `Content-Type: application/json\r\nContent-Length: ${body.length}\r\nConnection: close`;
  return `HTTP/1.1 ${status} ${REASONS.get(status)}\r\n${headers}\r\n\r\n${body}`;
}
