import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { onTestFinished } from 'vitest';
import { freePort } from '../servers/free-port.js';

/** PgBouncer refuses to run as root. */
const NOBODY = 65_534;

/** A PgBouncer before a database, which ends with the test. */
export interface Bouncer {
  /** The URL of the database through it, with the password. */
  readonly url: string;
  /** Another client of the same pool. */
  connect(): Promise<pg.Client>;
}

/** Starts a PgBouncer that holds two sessions of a database at most. */
export async function startBouncer(
  databaseUrl: string,
  mode: 'session' | 'transaction' | 'statement',
  sessions = 2,
): Promise<Bouncer> {
  const target = new URL(databaseUrl);
  const directory = mkdtempSync(join(tmpdir(), 'credctl-pgbouncer-'));
  const port = await freePort();
  const users = join(directory, 'users');
  const settings = join(directory, 'pgbouncer.ini');
  writeFileSync(users, `"${target.username}" "${target.password}"\n`);
  writeFileSync(
    settings,
    [
      '[databases]',
      `* = host=${target.hostname} port=${target.port}`,
      '[pgbouncer]',
      'listen_addr = 127.0.0.1',
      `listen_port = ${port}`,
      'unix_socket_dir =',
      'auth_type = scram-sha-256',
      `auth_file = ${users}`,
      `pool_mode = ${mode}`,
      `default_pool_size = ${sessions}`,
      'query_wait_timeout = 20',
    ].join('\n'),
  );
  const isRoot = process.geteuid?.() === 0;
  if (isRoot) for (const path of [directory, users, settings]) chownSync(path, NOBODY, NOBODY);
  const child = spawn('/usr/sbin/pgbouncer', [settings], {
    ...(isRoot ? { uid: NOBODY, gid: NOBODY } : {}),
    stdio: 'ignore',
  });
  const url = Object.assign(new URL(databaseUrl), { host: `127.0.0.1:${port}` }).href;
  onTestFinished(async () => {
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
    rmSync(directory, { recursive: true, force: true });
  });
  const connect = async (): Promise<pg.Client> => {
    const client = new pg.Client({ connectionString: url });
    client.on('error', () => {});
    await client.connect();
    onTestFinished(() => void client.end().catch(() => {}));
    return client;
  };
  await untilReady(child, connect);
  return { url, connect };
}

async function untilReady(child: ChildProcess, connect: () => Promise<pg.Client>): Promise<void> {
  for (;;) {
    try {
      await (await connect()).end();
      return;
    } catch (fault) {
      if (child.exitCode !== null) throw new Error('PgBouncer does not start', { cause: fault });
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}
