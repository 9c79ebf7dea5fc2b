import { spawn } from 'node:child_process';
import { copyFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import pg from 'pg';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type PrivateMount, privateMount } from '../../support/faults/private-mount.js';
import { openOwnPostgres } from '../../support/postgres/own-postgres.js';
import { POSTGRES_ENGINES } from '../../support/postgres/stores.js';
import { openTeamSession } from '../../support/postgres/verifier-login.js';
import { PROGRAM } from '../../support/program/real-program.js';
import { openSession, type Session } from '../../support/program/run.js';
import { unprivileged } from '../../support/program/unprivileged.js';
import { until } from '../../support/program/until.js';
import { issueClient } from '../../support/servers/clients.js';
import { basic, bearer, type Server, startServer } from '../../support/servers/server.js';

const GRANT = { grant_type: 'client_credentials' };

async function readiness(server: Server): Promise<number> {
  return (await server.send('/readyz')).status;
}

/** How often the log has a line. */
function count(server: Server, text: string): number {
  return server.log().split(text).length - 1;
}

async function storeErrors(server: Server): Promise<number> {
  const { text } = await server.send('/metrics');
  return Number(/^credctl_store_errors_total (\d+)$/m.exec(text)?.[1]);
}

describe('a server on a standby', () => {
  it('starts, is not ready and says why once, until the standby is promoted', async () => {
    let data = '';
    const { session, server: database } = await openOwnPostgres(async (directory) => {
      data = directory;
      return {};
    });
    const key = await session.issue('ci-bot');
    const client = await issueClient(session, 'crm');
    await database.halt();
    writeFileSync(join(data, 'standby.signal'), '');
    await database.resume();

    const server = await startServer(session);
    const grant = () => server.post('/oauth/v1/token', GRANT, basic(client.clientId, client.secret));
    expect([await readiness(server), (await grant()).status]).toEqual([503, 503]);
    expect((await server.send('/verify', { headers: bearer(key) })).status).toBe(200);
    const before = await storeErrors(server);
    await until(async () => (await storeErrors(server)) >= before + 3);
    expect(count(server, '"uses could not be written"')).toBe(1);
    expect(server.log()).toMatch(/"code":"store_unavailable","message":"[^"]* is a standby, which cannot be/);
    expect(server.log()).not.toMatch(/"level":50/);

    const refused = await session.refused(8, [
      'create',
      'late',
      '--type',
      'api-key',
      '--scope',
      'data:users',
    ]);
    expect([refused.message, refused.hint]).toEqual([
      expect.stringContaining('is a standby, which cannot be written'),
      'name the primary server, or promote this one',
    ]);
    const { stdout } = await session.run(['store', 'check']);
    expect(stdout).toMatch(/this is a standby[\s\S]*run the check on the primary server/);

    const superuser = new pg.Client({ connectionString: database.url });
    await superuser.connect();
    await superuser.query('select pg_promote()');
    await superuser.end();
    await until(async () => (await readiness(server)) === 200);
    expect((await grant()).status).toBe(200);
    await until(() => server.log().includes('"uses are written again"'));
  });
});

describe.each(POSTGRES_ENGINES)('a server on $label', (engine) => {
  it('is not ready while the login is read-only, and the log says so', async () => {
    const session = await openTeamSession(engine);
    await session.database.ask(`alter role ${session.gatewayRole} set default_transaction_read_only = on`);
    const server = await startServer(session.gateway);
    expect(await readiness(server)).toBe(503);
    await until(() => server.log().includes('is read-only for this login'));
    await session.database.ask(`alter role ${session.gatewayRole} reset default_transaction_read_only`);
    await until(async () => (await readiness(server)) === 200);
  });

  it('issues again once its login is not read-only any more, though nobody asks whether it is ready', async () => {
    const session = await openTeamSession(engine);
    const client = await issueClient(session, 'crm');
    await session.database.ask(`alter role ${session.gatewayRole} set default_transaction_read_only = on`);
    const server = await startServer(session.gateway);
    const grant = async () =>
      (await server.post('/oauth/v1/token', GRANT, basic(client.clientId, client.secret))).status;
    expect(await grant()).toBe(503);
    await session.database.ask(`alter role ${session.gatewayRole} reset default_transaction_read_only`);
    await until(async () => (await grant()) === 200);
  });

  it.each([
    'execute on function credctl.issue_tokens',
    'execute on function credctl.record_uses',
    'select on credctl.version_hash',
  ])('is not ready once its login lacks %s, until it has it again', async (right) => {
    const session = await openTeamSession(engine);
    const server = await startServer(session.gateway);
    expect(await readiness(server)).toBe(200);
    await session.database.ask(`revoke ${right} from ${session.gatewayRole}`);
    expect(await readiness(server)).toBe(503);
    await until(() => server.log().includes('"message":"this login may not verify'));
    await session.ok('store', 'grant', 'verifier', '--to', session.gatewayRole);
    expect(await readiness(server)).toBe(200);
  });
});

/** A server inside, on a copy of a session's store. */
async function servingOn(
  mount: PrivateMount,
  session: Session,
): Promise<{ readonly log: () => string; ready(): Promise<number> }> {
  const source = new Database(session.workspace.defaultStore);
  source.pragma('wal_checkpoint(truncate)');
  source.close();
  copyFileSync(session.workspace.defaultStore, join(mount.view, 'credctl.db'));
  mount.sh('chmod 600 "$1/credctl.db"');
  const [file = '', ...argv] = mount.inside(
    unprivileged([
      process.execPath,
      PROGRAM,
      ...['serve', '--port', '0', '--store', join(mount.directory, 'credctl.db')],
    ]),
  );
  const child = spawn(file, argv, { env: session.workspace.env, stdio: ['ignore', 'pipe', 'pipe'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  let log = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    log += text;
  });
  const url = await new Promise<string>((resolve, reject) => {
    child.stdout.setEncoding('utf8').once('data', (text: string) => resolve(text.trim()));
    child.once('exit', () => reject(new Error(log)));
  });
  return { log: () => log, ready: async () => (await fetch(`${url}/readyz`)).status };
}

describe('a server on a file', () => {
  it.each([
    [
      'the file system is read-only',
      // What a failing disk does: what is open stays open for writing.
      'mount --bind "$1" "$1" && mount -o remount,ro,bind "$1"',
      'umount "$1"',
      'is on a file system that is mounted read-only',
    ],
    ['the file is', 'chmod 400 "$1/credctl.db"', 'chmod 600 "$1/credctl.db"', 'is read-only for the user'],
    ['the directory is', 'chmod 500 "$1"', 'chmod 700 "$1"', 'is read-only for the user of the server'],
  ])('is not ready while %s', async (_, close, open, message) => {
    const session = await openSession();
    await session.ok('store', 'init');
    const mount = await privateMount(2_048);
    onTestFinished(() => mount.remove());
    const { log, ready } = await servingOn(mount, session);
    expect(await ready()).toBe(200);
    mount.sh(close);
    expect(await ready()).toBe(503);
    await until(() => log().includes(message));
    mount.sh(open);
    expect(await ready()).toBe(200);
  });
});
