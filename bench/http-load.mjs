// @ts-check
/** Sends requests over a few connections, with as little work of its own as possible. */
import { connect } from 'node:net';
import { performance } from 'node:perf_hooks';

/** As many as the goals are about. */
const CONNECTIONS = 16;

/** Bytes of an answer that are read at once. */
const ROOM = 65_536;

/** Requests whose bytes are kept. */
const MOST_KNOWN = 10_000;

/**
 * @typedef {object} LoadedRequest
 * @property {string} method
 * @property {string} path
 * @property {string} [authorization]
 * @property {string} [forwardedFor]
 * @property {Readonly<Record<string, string>>} [form]
 */

/**
 * A side for {@link import('./measuring.mjs').takeTurns}. A part of the requests goes before those that are measured: a
 * machine that has rested takes a tenth of a second or two to come up to speed, which is a property of neither side.
 *
 * @param {string} url
 * @param {number} count requests in a sample
 * @param {LoadedRequest} request
 * @returns {() => Promise<number>} milliseconds for one request, on the average
 */
export function httpLoad(url, count, request) {
  return async () => {
    await sendAll(url, repeated([request], Math.ceil(count / 4)));
    return sendAll(url, repeated([request], count));
  };
}

/**
 * The requests one after the other, and from the beginning again, until there were `count`.
 *
 * @param {readonly LoadedRequest[]} requests
 * @param {number} count
 */
export function* repeated(requests, count) {
  for (let sent = 0; sent < count; sent += 1) {
    yield/** @type {LoadedRequest} */ (requests[sent % requests.length]);
  }
}

/**
 * Sends requests over a few connections.
 *
 * @param {string} url
 * @param {Iterable<LoadedRequest>} requests
 * @param {RegExp} [expected] what an answer begins with
 * @param {number} [connections]
 * @returns {Promise<number>} milliseconds for one request, on the average
 */
export async function sendAll(url, requests, expected = /^HTTP\/1\.1 2\d\d /, connections = CONNECTIONS) {
  const { hostname, port } = new URL(url);
  /** @type {Map<LoadedRequest, Buffer>} */
  const known = new Map();
  const bytesOf = (/** @type {LoadedRequest} */ request) => {
    const found = known.get(request) ?? requestBytes(`${hostname}:${port}`, request);
    if (known.size < MOST_KNOWN) known.set(request, found);
    return found;
  };
  const queue = requests[Symbol.iterator]();
  let sent = 0;
  const next = () => {
    const { done, value } = queue.next();
    if (done === true) return null;
    sent += 1;
    return bytesOf(value);
  };
  const begin = performance.now();
  await Promise.all(
    Array.from({ length: connections }, () => converse(Number(port), hostname, next, expected)),
  );
  return (performance.now() - begin) / sent;
}

/**
 * @param {string} host
 * @param {LoadedRequest} request
 */
function requestBytes(host, { method, path, authorization, forwardedFor, form }) {
  const body = form === undefined ? '' : new URLSearchParams(form).toString();
  const lines = [
    `${method} ${path} HTTP/1.1`,
    `Host: ${host}`,
    ...(authorization === undefined ? [] : [`Authorization: ${authorization}`]),
    ...(forwardedFor === undefined ? [] : [`X-Forwarded-For: ${forwardedFor}`]),
    ...(form === undefined
      ? []
      : ['Content-Type: application/x-www-form-urlencoded', `Content-Length: ${body.length}`]),
  ];
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n${body}`);
}

/**
 * One request after the other on one connection. What arrives is read into the same bytes again and again, past what
 * makes a stream of a socket: whatever this costs is taken from the server, which shares the machine.
 *
 * @param {number} port
 * @param {string} host
 * @param {() => Buffer | null} next null when there is nothing left to send
 * @param {RegExp} expected
 * @returns {Promise<void>}
 */
function converse(port, host, next, expected) {
  return new Promise((resolve, reject) => {
    let received = '';
    const take = (/** @type {number} */ length, /** @type {Uint8Array} */ bytes) => {
      received += Buffer.from(bytes.buffer, bytes.byteOffset, length).toString('latin1');
      const end = received.indexOf('\r\n\r\n');
      if (end === -1) return true;
      const size = /\r\ncontent-length: (\d+)/i.exec(received.slice(0, end))?.[1];
      if (size === undefined) reject(new Error(`an answer without a length: ${received}`));
      else if (received.length >= end + 4 + Number(size)) {
        if (!expected.test(received)) reject(new Error(`refused: ${received}`));
        received = '';
        send();
      }
      return true;
    };
    const onread = { buffer: Buffer.alloc(ROOM), callback: take };
    const socket = connect({ port, host, noDelay: true, onread });
    const send = () => {
      const bytes = next();
      if (bytes === null) socket.end(resolve);
      else socket.write(bytes);
    };
    socket.on('error', reject).on('connect', send);
    socket.on('close', () => reject(new Error('the connection was closed before it was answered')));
  });
}
