// @ts-check
/** Sends the same request again and again over a few connections, with as little work of its own as possible. */
import { connect } from 'node:net';
import { performance } from 'node:perf_hooks';

/** As many as the goals are about. */
const CONNECTIONS = 16;

/**
 * @typedef {object} LoadedRequest
 * @property {string} method
 * @property {string} path
 * @property {string} [authorization]
 * @property {Readonly<Record<string, string>>} [form]
 */

/**
 * A side for {@link import('./measuring.mjs').takeTurns}.
 *
 * @param {string} url
 * @param {number} count requests in a sample
 * @param {LoadedRequest} request
 * @returns {() => Promise<number>} milliseconds for one request, on the average
 */
export function httpLoad(url, count, request) {
  const { hostname, port } = new URL(url);
  const bytes = requestBytes(`${hostname}:${port}`, request);
  return async () => {
    let left = count;
    const begin = performance.now();
    await Promise.all(
      Array.from({ length: CONNECTIONS }, () =>
        converse(Number(port), hostname, bytes, () => (left > 0 ? left-- : 0)),
      ),
    );
    return (performance.now() - begin) / count;
  };
}

/**
 * @param {string} host
 * @param {LoadedRequest} request
 */
function requestBytes(host, { method, path, authorization, form }) {
  const body = form === undefined ? '' : new URLSearchParams(form).toString();
  const lines = [
    `${method} ${path} HTTP/1.1`,
    `Host: ${host}`,
    ...(authorization === undefined ? [] : [`Authorization: ${authorization}`]),
    ...(form === undefined
      ? []
      : ['Content-Type: application/x-www-form-urlencoded', `Content-Length: ${body.length}`]),
  ];
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n${body}`);
}

/**
 * One request after the other on one connection.
 *
 * @param {number} port
 * @param {string} host
 * @param {Buffer} bytes
 * @param {() => number} next 0 when there is nothing left to send
 * @returns {Promise<void>}
 */
function converse(port, host, bytes, next) {
  return new Promise((resolve, reject) => {
    const socket = connect(port, host);
    let received = '';
    const send = () => {
      if (next() > 0) socket.write(bytes);
      else socket.end(resolve);
    };
    socket.setNoDelay(true).setEncoding('latin1').on('error', reject).on('connect', send);
    socket.on('data', (chunk) => {
      received += chunk;
      const end = received.indexOf('\r\n\r\n');
      if (end === -1) return;
      const length = /\r\ncontent-length: (\d+)/i.exec(received.slice(0, end))?.[1];
      if (length === undefined) reject(new Error(`an answer without a length: ${received}`));
      else if (received.length >= end + 4 + Number(length)) {
        if (!/^HTTP\/1\.1 2\d\d /.test(received)) reject(new Error(`refused: ${received}`));
        received = '';
        send();
      }
    });
  });
}
