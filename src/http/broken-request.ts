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

/**
 * Answers what is not even HTTP, or never became complete, and ends its connection. Nothing of it is repeated.
 *
 * @returns the status; null where nobody is there to read one
 */
export function answerBrokenRequest(
  fault: Error & { readonly code?: string },
  socket: Socket,
): number | null {
  if (!socket.writable || fault.code === 'ECONNRESET') {
    socket.destroy();
    return null;
  }
  const status = STATUS.get(fault.code ?? '') ?? 400;
  const body = '{"error":"invalid_request"}';
  const headers = `Content-Type: application/json\r\nContent-Length: ${body.length}\r\nConnection: close`;
  socket.end(`HTTP/1.1 ${status} ${REASONS.get(status)}\r\n${headers}\r\n\r\n${body}`);
  return status;
}
