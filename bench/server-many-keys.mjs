// @ts-check
/** What many different keys cost a server: their first use, wrong ones, and the memory that they take. */
import { copyFile, mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { hashSync } from 'bcryptjs';
import Database from 'better-sqlite3';
import { loadCredentials } from './bulk-loader.mjs';
import { filledStore } from './filled-store.mjs';
import { repeated, sendAll } from './http-load.mjs';
import { loadLibrary } from './library.mjs';
import { takeTurns } from './measuring.mjs';
import { pauseUntil, percentile, probedMeanwhile } from './probe.mjs';
import { SECRET } from './record.mjs';
import { limitRow, measuredRow } from './report.mjs';

/**
 * @typedef {import('./server.mjs').Servers} Servers
 * @typedef {import('./http-load.mjs').LoadedRequest} LoadedRequest
 * @typedef {import('./report.mjs').Part['rows'][number]} Row
 */

const KEYS = 1_000;
const BCRYPT_COST = 10;

/** So many thousand first uses go before those that are measured: after a start, most of the time goes into compiling. */
const WARM_UP = 9;

/** Requests right before those that are measured, which are over sooner than a machine that rested is up to speed. */
const AWAKENING = 5_000;

/** Hashes by one core for each round. */
const PEER_HASHES = 20;

/** Wrong secrets, all at once, in each second; and for how many seconds. */
const WRONG = 64;
const SECONDS = 10;

const PROBE_LIMIT_MS = 50;

const MANY_KEYS = 100_000;
const VERIFICATIONS = 1_000_000;
const MEMORY_LIMIT_MIB = 200;

/**
 * @param {Servers} servers
 * @param {{ readonly rounds: number }} settings
 * @returns {Promise<readonly Row[]>}
 */
export async function manyKeyRows(servers, settings) {
  return [
    ...(await bcryptRows(servers, settings)),
    await digestRow(servers, settings),
    ...(await memoryRows(servers)),
  ];
}

/**
 * @param {Servers} servers
 * @param {{ readonly rounds: number }} settings
 * @returns {Promise<readonly Row[]>}
 */
async function bcryptRows(servers, { rounds }) {
  const { requests, store } = await storeOf(servers.home, 'bcrypt', KEYS, hashSync(SECRET, BCRYPT_COST));
  const server = await servers.own(store, '--trust-proxy', '127.0.0.0/8');
  const share = Math.floor(KEYS / (rounds + 1));
  let used = 0;
  /** @type {number[]} */
  const probed = [];
  const measured = await takeTurns(
    [
      async () => {
        const fresh = requests.slice(used, used + share);
        used += share;
        return probedMeanwhile(server.url, probed, () => sendAll(server.url, fresh));
      },
      () => {
        const begin = performance.now();
        for (let n = 0; n < PEER_HASHES; n += 1) hashSync(SECRET, BCRYPT_COST);
        return (performance.now() - begin) / PEER_HASHES;
      },
    ],
    { rounds, samples: 1 },
  );
  const wrong = await wrongSecrets(server.url);
  const name = `first use of ${KEYS.toLocaleString('en')} keys, bcrypt ${BCRYPT_COST}`;
  const goal = { of: /** @type {const} */ ('speed'), value: 1.8 };
  return [
    measuredRow({ name, peer: 'bcryptjs, one core', unit: '/s', goal }, measured),
    limitRow('p99 of /healthz meanwhile', 'ms', percentile(probed, 0.99), PROBE_LIMIT_MS),
    limitRow(`p99 of /healthz, ${WRONG} wrong secrets/s`, 'ms', percentile(wrong, 0.99), PROBE_LIMIT_MS),
  ];
}

/**
 * Each from an address of its own, so that none of them is throttled before it costs a hash.
 *
 * @param {string} url
 */
async function wrongSecrets(url) {
  const { composeSecret, drawBase62, ID_LENGTH, systemRandom } = await loadLibrary();
  /** @type {number[]} */
  const probed = [];
  for (let second = 0; second < SECONDS; second += 1) {
    const begin = performance.now();
    const requests = Array.from({ length: WRONG }, (_, n) => {
      const id = drawBase62((length) => systemRandom.bytes(length), ID_LENGTH);
      return { ...testAuth(composeSecret('cctl', 'key', id, SECRET)), forwardedFor: `198.51.${second}.${n}` };
    });
    // Those that are left over in the next second make the queue longer, until it is full.
    const sent = requests.map((request) => sendAll(url, [request], /^HTTP\/1\.1 (?:401|503) /, 1));
    await probedMeanwhile(url, probed, () => pauseUntil(begin + 1_000));
    if (second === SECONDS - 1) await Promise.all(sent);
    else for (const each of sent) each.catch(() => {});
  }
  return probed;
}

/**
 * @param {Servers} servers
 * @param {{ readonly rounds: number }} settings
 * @returns {Promise<Row>}
 */
async function digestRow(servers, { rounds }) {
  const { requests, store } = await storeOf(servers.home, 'sha256', KEYS * (WARM_UP + rounds + 1));
  const server = await servers.own(store);
  const peer = await servers.peer('better-auth.mjs', String(KEYS));
  const peerRequests = peer['keys'].map((/** @type {string} */ key) => testAuth(key, '/'));
  let used = 0;
  const sides = [
    async () => {
      const fresh = requests.slice(used, used + KEYS);
      used += KEYS;
      await sendAll(server.url, repeated(requests.slice(0, 1), AWAKENING));
      return sendAll(server.url, fresh);
    },
    async () => {
      await sendAll(peer.url, repeated(peerRequests, AWAKENING / 10));
      // It remembers none of them, so that every use is a first one.
      return sendAll(peer.url, peerRequests);
    },
  ];
  for (let n = 0; n < WARM_UP; n += 1) for (const side of sides) await side();
  const measured = await takeTurns(sides, { rounds, samples: 1 });
  await server.end();
  const name = `first use of ${KEYS.toLocaleString('en')} keys, sha256`;
  const goal = { of: /** @type {const} */ ('speed'), value: 8 };
  return measuredRow({ name, peer: 'better-auth', unit: '/s', goal }, measured);
}

/**
 * @param {Servers} servers
 * @returns {Promise<readonly Row[]>}
 */
async function memoryRows(servers) {
  // Every second credential of a filled store is an API key.
  const filled = await filledStore(2 * MANY_KEYS);
  const store = join(await directory(servers.home, 'many'), 'many.db');
  await copyFile(filled, store);
  const requests = await requestsOf(store);
  const server = await servers.own(store);
  const half = VERIFICATIONS / 2;
  await sendAll(server.url, repeated(requests, half));
  const before = await memoryOf(server.pid);
  const cost = await sendAll(server.url, repeated(requests, half));
  const after = await memoryOf(server.pid);
  const [many, keys] = [VERIFICATIONS.toLocaleString('en'), MANY_KEYS.toLocaleString('en')];
  return [
    limitRow(`memory after ${many} verifications of ${keys} keys`, 'MiB', after, MEMORY_LIMIT_MIB),
    limitRow('more than after half of them', 'MiB', after - before, null),
    limitRow('verifications meanwhile', '/s', 1_000 / cost, null),
  ];
}

/** The resident set, in MiB. @param {number} pid */
async function memoryOf(pid) {
  const kibibytes = /^VmRSS:\s+(\d+) kB$/m.exec(await readFile(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Number(kibibytes) / 1_024;
}

/**
 * @param {string} home
 * @param {string} name
 * @param {number} keys
 * @param {string} [hash]
 */
async function storeOf(home, name, keys, hash) {
  const store = join(await directory(home, name), `${name}.db`);
  await loadCredentials(await loadLibrary(), store, 2 * keys, () => {}, hash);
  return { store, requests: await requestsOf(store) };
}

/**
 * @param {string} home
 * @param {string} name
 */
async function directory(home, name) {
  const path = join(home, name);
  await mkdir(path, { mode: 0o700 });
  return path;
}

/**
 * A request with each API key in a store.
 *
 * @param {string} store
 */
async function requestsOf(store) {
  const { composeSecret } = await loadLibrary();
  const database = new Database(store, { readonly: true });
  try {
    const ids = /** @type {string[]} */ (
      database
        .prepare(
          "select v.id from version v join credential c on c.key = v.credential_key where c.type = 'api-key'",
        )
        .pluck()
        .all()
    );
    return ids.map((id) => testAuth(composeSecret('cctl', 'key', id, SECRET)));
  } finally {
    database.close();
  }
}

/**
 * @param {string} key
 * @param {string} [path]
 * @returns {LoadedRequest}
 */
function testAuth(key, path = '/rest/v1/auth/test') {
  return { method: 'GET', path, authorization: `Bearer ${key}` };
}
