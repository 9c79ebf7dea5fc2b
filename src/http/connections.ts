import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';

/** Backpressure: maximum number of pipelined requests per connection, as Node.js buffers them in memory. */
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

/** State of one connection. */
interface Connection {
  unanswered: number;
  last: IncomingMessage | null;
  /** Answers a malformed request and ends the connection; null where there was none. */
  refuse: (() => void) | null;
  /** Number of requests that will not be answered otherwise: 1 when the last one has the malformed body. */
  lost: 0 | 1;
}

/** Tracks the open connections of a server and the pending requests on each. */
export class Connections {
  readonly #open = new Map<Socket, Connection>();

  opened(socket: Socket): void {
    this.#open.set(socket, { unanswered: 0, last: null, refuse: null, lost: 0 });
    socket.once('close', () => this.#open.delete(socket));
  }

  /**
   * Registers a request, to be followed by {@link answered}.
   *
   * @returns false when it must not be processed: its connection exceeded the limit and was destroyed
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

  /** Whether it is the request that exceeded the limit, not one pipelined after it. */
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
   * Refuses input that is not HTTP, or a request that never completed, and ends its connection; none of the
   * input is echoed. Earlier requests on that connection are answered first (RFC 9112 §9.3.2).
   *
   * @param account counts and logs the refusal
   */
  refuse(fault: Error & { readonly code?: string }, socket: Socket, account: (status: number) => void): void {
    const connection = this.#open.get(socket);
    if (connection === undefined || !socket.writable || fault.code === 'ECONNRESET') {
      socket.destroy();
      return;
    }
    // Input after a parse error is ignored.
    if (connection.refuse !== null) return;
    connection.refuse = () => {
      const status = STATUS.get(fault.code ?? '') ?? 400;
      socket.end(answerOf(status));
      account(status);
    };
    connection.lost = connection.unanswered > 0 && connection.last?.complete === false ? 1 : 0;
    if (connection.unanswered === connection.lost) connection.refuse();
  }

  /** Destroys connections without a pending request or body. */
  cutOffSilent(): void {
    for (const [socket, { unanswered }] of this.#open) if (unanswered === 0) socket.destroy();
  }
}

function answerOf(status: number): string {
  const body = '{"error":"invalid_request"}';
  const headers = `Content-Type: application/json\r\nContent-Length: ${body.length}\r\nConnection: close`;
  return `HTTP/1.1 ${status} ${REASONS.get(status)}\r\n${headers}\r\n\r\n${body}`;
}
