// @ts-check
/** The part `server`: requests to `credctl serve`, side by side with those to its peers. */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execPath } from 'node:process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { httpLoad } from './http-load.mjs';
import { takeTurns, Unmeasurable } from './measuring.mjs';
import { cleanEnvironment } from './processes.mjs';
import { measuredRow } from './report.mjs';
import { manyKeyRows } from './server-many-keys.mjs';

/**
 * @typedef {import('./report.mjs').Part} Part
 * @typedef {import('./report.mjs').MeasuredRow} MeasuredRow
 * @typedef {{ readonly url: string, readonly [fact: string]: any }} Facts what a server says of itself
 * @typedef {Facts & { readonly pid: number, readonly end: () => Promise<void> }} Started
 * @typedef {(argv: readonly string[]) => Promise<Started>} Start
 *
 * @typedef {object} Servers
 * @property {string} home
 * @property {(store: string, ...flags: readonly string[]) => Promise<Started>} own
 * @property {(name: string, ...argv: readonly string[]) => Promise<Started>} peer
 */

const PROGRAM = fileURLToPath(new URL('../bin/credctl.js', import.meta.url));
const PEERS = fileURLToPath(new URL('./peers/', import.meta.url));
const PEER_PACKAGES = fileURLToPath(new URL('./node_modules/', import.meta.url));

/** Requests in a sample, and samples in a round. */
const REQUESTS = 20_000;
const SAMPLES = 1;

const NOTES = [
  'credctl writes a token, its digest alone, in a transaction with those that arrive at the same time, and answers once',
  '  that is on the disk (WAL, synchronous=FULL); for a check it writes nothing but the time of the last use, of all keys',
  '  together once a second',
  'better-auth writes the use of a key with every check: a transaction of its own in WAL mode with synchronous=NORMAL,',
  '  which a loss of power may take back',
  'oidc-provider and bare fastify write nothing: its tokens are in memory, and gone with the process',
];

/**
 * @param {{ readonly rounds: number }} settings
 * @returns {Promise<Part>}
 */
export async function measure(settings) {
  if (!existsSync(PEER_PACKAGES)) {
    const missing = "the peers are not installed: 'npm install' in bench/";
    const rows = ['test auth', 'token', 'introspect'].map((name) => ({ name, missing }));
    return { name: 'server', rows, notes: [] };
  }
  const home = await mkdtemp(join(tmpdir(), 'credctl-bench-server-'));
  /** @type {import('node:child_process').ChildProcess[]} */
  const children = [];
  /** @type {Start} */
  const start = async (argv) => {
    const child = spawn(execPath, argv, {
      cwd: home,
      env: cleanEnvironment(home),
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    children.push(child);
    const [line] = await Promise.race([
      once(createInterface(child.stdout), 'line'),
      once(child, 'exit').then(([status]) => {
        throw new Unmeasurable(`${argv.join(' ')}: exit ${status} before it listens`);
      }),
    ]);
    const end = async () => {
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      await ended;
    };
    return { ...JSON.parse(line), pid: Number(child.pid), end };
  };
  try {
    return { name: 'server', rows: await allRows(settings, home, start), notes: NOTES };
  } finally {
    for (const child of children) child.kill('SIGKILL');
    await Promise.all(children.map((child) => child.exitCode ?? child.signalCode ?? once(child, 'exit')));
    await rm(home, { recursive: true, force: true });
  }
}

/**
 * @param {{ readonly rounds: number }} settings
 * @param {string} home
 * @param {Start} start
 */
async function allRows(settings, home, start) {
  const own = await startOwn(home, start);
  const peer = async (/** @type {string} */ name, /** @type {readonly string[]} */ ...argv) =>
    start([join(PEERS, name), await mkdtemp(join(home, 'peer-')), ...argv]);
  const [bare, oidc, betterAuth] = [
    await peer('fastify.mjs'),
    await peer('oidc-provider.mjs'),
    await peer('better-auth.mjs'),
  ];
  return [
    ...(await testAuthRows(settings, own, bare, betterAuth)),
    ...(await oauthRows(settings, own, oidc)),
    ...(await manyKeyRows(
      { home, peer, own: (store, ...flags) => start(serveArguments(store, ...flags)) },
      settings,
    )),
  ];
}

/**
 * @param {string} store
 * @param {readonly string[]} flags
 */
function serveArguments(store, ...flags) {
  return [PROGRAM, 'serve', '--store', store, '--port', '0', '--rate-limit', '0', '--json', ...flags];
}

/**
 * @param {string} home
 * @param {Start} start
 */
async function startOwn(home, start) {
  const credctl = (/** @type {readonly string[]} */ ...argv) =>
    execFileSync(execPath, [PROGRAM, ...argv], {
      cwd: home,
      env: cleanEnvironment(home),
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
  credctl('store', 'init', '--hash', 'sha256');
  const key = credctl('create', 'key', '--type', 'api-key', '--scope', 'data:conversations', '-q').trim();
  const { secret } = JSON.parse(credctl('create', 'client', '--scope', 'data:*', '--json'));
  const { url } = await start([PROGRAM, 'serve', '--port', '0', '--rate-limit', '0', '--json']);
  return { url, key, client: { id: secret.client_id, secret: secret.client_secret } };
}

/**
 * @param {{ readonly rounds: number }} settings
 * @param {Facts} own
 * @param {Facts} bare
 * @param {Facts} betterAuth
 * @returns {Promise<readonly MeasuredRow[]>}
 */
async function testAuthRows({ rounds }, own, bare, betterAuth) {
  const get = (/** @type {string} */ path, /** @type {string} */ key) => ({
    method: 'GET',
    path,
    authorization: `Bearer ${key}`,
  });
  const measured = await takeTurns(
    [
      httpLoad(own.url, REQUESTS, get('/rest/v1/auth/test', own['key'])),
      httpLoad(bare.url, REQUESTS, get('/', own['key'])),
      httpLoad(betterAuth.url, REQUESTS / 10, get('/', betterAuth['key'])),
      httpLoad(own.url, REQUESTS, get('/verify?scope=data:conversations', own['key'])),
    ],
    { rounds, samples: SAMPLES },
  );
  const unit = /** @type {const} */ ('/s');
  const speed = (/** @type {number} */ value) => ({ of: /** @type {const} */ ('speed'), value });
  return [
    measuredRow({ name: 'test auth, warm key', peer: 'better-auth', unit, goal: speed(20) }, measured, 0, 2),
    measuredRow(
      { name: 'test auth, warm key', peer: 'bare fastify', unit, goal: speed(0.6) },
      measured,
      0,
      1,
    ),
    measuredRow({ name: 'forward auth, one scope', peer: 'bare fastify', unit, goal: null }, measured, 3, 1),
  ];
}

/**
 * @param {{ readonly rounds: number }} settings
 * @param {Facts} own
 * @param {Facts} oidc
 * @returns {Promise<readonly MeasuredRow[]>}
 */
async function oauthRows({ rounds }, own, oidc) {
  const grant = (
    /** @type {Facts} */ { client },
    /** @type {string} */ path,
    /** @type {string} */ scope,
  ) => ({
    method: 'POST',
    path,
    form: { grant_type: 'client_credentials', scope, client_id: client.id, client_secret: client.secret },
  });
  const ask = (/** @type {Facts} */ { client }, /** @type {string} */ path, /** @type {string} */ token) => ({
    method: 'POST',
    path,
    form: { token, client_id: client.id, client_secret: client.secret },
  });
  const [ownGrant, oidcGrant] = [grant(own, '/oauth/v1/token', 'data:users'), grant(oidc, '/token', 'data')];
  const [ownToken, oidcToken] = [await tokenOf(own.url, ownGrant), await tokenOf(oidc.url, oidcGrant)];
  const measured = await takeTurns(
    [
      httpLoad(own.url, REQUESTS, ownGrant),
      httpLoad(oidc.url, REQUESTS, oidcGrant),
      httpLoad(own.url, REQUESTS, ask(own, '/oauth/v1/introspect', ownToken)),
      httpLoad(oidc.url, REQUESTS, ask(oidc, '/token/introspection', oidcToken)),
    ],
    { rounds, samples: SAMPLES },
  );
  const peer = 'oidc-provider';
  const unit = /** @type {const} */ ('/s');
  const speed = (/** @type {number} */ value) => ({ of: /** @type {const} */ ('speed'), value });
  return [
    measuredRow({ name: 'token, durable', peer, unit, goal: speed(1.8) }, measured, 0, 1),
    measuredRow({ name: 'introspect', peer, unit, goal: speed(2.8) }, measured, 2, 3),
  ];
}

/**
 * @param {string} url
 * @param {{ readonly path: string, readonly form: Readonly<Record<string, string>> }} request
 * @returns {Promise<string>}
 */
async function tokenOf(url, { path, form }) {
  const answered = await fetch(`${url}${path}`, { method: 'POST', body: new URLSearchParams(form) });
  const { access_token: token } = /** @type {any} */ (await answered.json());
  if (typeof token !== 'string') throw new Error(`${url} grants no token`);
  return token;
}
