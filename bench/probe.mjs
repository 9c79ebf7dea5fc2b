// @ts-check
/** How long a server takes to say that it lives while it is busy with something else. */
import { createConnection } from 'node:net';
import { performance } from 'node:perf_hooks';
import { median } from './measuring.mjs';

/** More often, and asking would take a part of the machine that the answers are about. */
const PROBE_EVERY_MS = 20;

/**
 * Asks for /healthz again and again while something else goes on.
 *
 * @template T
 * @param {string} url
 * @param {number[]} probed gets the milliseconds that each answer took
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function probedMeanwhile(url, probed, work) {
  let isOver = false;
  const probing = (async () => {
    while (!isOver) {
      probed.push(await probe(url));
      await pauseUntil(performance.now() + PROBE_EVERY_MS);
    }
  })();
  try {
    return await work();
  } finally {
    isOver = true;
    await probing;
  }
}

/** @param {string} url @returns {Promise<number>} milliseconds */
function probe(url) {
  const { hostname, port } = new URL(url);
  const begin = performance.now();
  return new Promise((resolve, reject) => {
    const socket = createConnection(Number(port), hostname);
    socket.write('GET /healthz HTTP/1.1\r\nHost: probe\r\nConnection: close\r\n\r\n');
    socket.once('data', () => resolve(performance.now() - begin)).on('error', reject);
    socket.on('close', () => reject(new Error('the connection was closed before it was answered')));
  });
}

/** @param {number} time @returns {Promise<void>} */
export function pauseUntil(time) {
  return new Promise((resolve) => setTimeout(resolve, Math.max(0, time - performance.now())));
}

/**
 * @param {readonly number[]} values
 * @param {number} share
 */
export function percentile(values, share) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(share * (sorted.length - 1))] ?? median(values);
}
