import { execFile } from 'node:child_process';
import { copyFileSync, existsSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { promisify } from 'node:util';
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { DATABASE_CLASS } from '../../support/build/sqlite-under-test.js';
import { openSession, type Session } from '../../support/program/run.js';
import { issueClient } from '../../support/servers/clients.js';
import { basic, bearer, type Server, startServer } from '../../support/servers/server.js';

/** Another program, which opens a database as SQLite itself does, reads in it and closes it. */
async function readElsewhere(path: string): Promise<void> {
  const program = `const Database = ${DATABASE_CLASS};
    const database = new Database(${JSON.stringify(path)});
    database.prepare('select count(*) from credential').get();
    database.close();`;
  await promisify(execFile)(process.execPath, ['--input-type=module', '-e', program]);
}

/** A server that has answered a token, and so has opened its store for reading and for writing. */
async function busyServer(session: Session) {
  const client = await issueClient(session, 'crm');
  const server = await startServer(session);
  const grant = async () => {
    const form = { grant_type: 'client_credentials' };
    const answered = await server.post('/oauth/v1/token', form, basic(client.clientId, client.secret));
    expect(answered.status).toBe(200);
    return (JSON.parse(answered.text) as { access_token: string }).access_token;
  };
  await grant();
  return { server, grant };
}

async function statusOf(server: Server, secret: string): Promise<number> {
  return (await server.send('/rest/v1/auth/test', { headers: bearer(secret) })).status;
}

describe('the file of a store that a server has open', () => {
  it('stays the one that changes and tokens go to, whoever else opens it and closes it', async () => {
    const session = await openSession();
    const [deleted, stopped] = [await session.issue('to-delete'), await session.issue('to-stop')];
    const { server, grant } = await busyServer(session);
    expect([await statusOf(server, deleted), await statusOf(server, stopped)]).toEqual([200, 200]);
    const store = session.workspace.defaultStore;
    const log = statSync(`${store}-wal`).ino;
    await readElsewhere(store);
    expect(statSync(`${store}-wal`).ino).toBe(log);
    const token = await grant();
    expect((await session.run(['verify'], { stdin: token })).exitCode).toBe(0);
    await session.ok('delete', 'to-delete', '--yes');
    await session.ok('deactivate', 'to-stop');
    expect([await statusOf(server, deleted), await statusOf(server, stopped)]).toEqual([401, 401]);
    expect(await statusOf(server, await session.issue('later'))).toBe(200);
  });

  it.runIf(process.platform === 'linux')('is locked as long as it is open', async () => {
    const session = await openSession();
    const { server } = await busyServer(session);
    const { ino } = statSync(session.workspace.defaultStore);
    const locks = readFileSync('/proc/locks', 'utf8').split('\n');
    const own = locks.filter((line) => line.includes(` ${server.child.pid} `) && line.includes(`:${ino} `));
    expect(own.length).toBeGreaterThan(0);
  });

  it('gets no log of the file before replayed into it when it is put in its place', async () => {
    const session = await openSession();
    const { server } = await busyServer(session);
    const leaked = await session.issue('leaked');
    expect(await statusOf(server, leaked)).toBe(200);
    const store = session.workspace.defaultStore;
    const other = session.workspace.path('other.db');
    for (const suffix of ['', '-wal']) copyFileSync(`${store}${suffix}`, `${other}${suffix}`);
    await session.ok('delete', 'leaked', '--yes', '--store', 'other.db');
    await session.ok('store', 'check', '--store', 'other.db');
    expect(existsSync(`${other}-wal`)).toBe(false);
    renameSync(other, store);
    expect(await statusOf(server, leaked)).toBe(401);
    await session.ok('store', 'check');
    expect(await server.end()).toBe(0);
    expect((await session.run(['verify'], { stdin: leaked })).exitCode).toBe(4);
    await session.ok('store', 'check');
  });

  it('has all that was committed when it is moved away under a server that ends then', async () => {
    const session = await openSession();
    const stopped = await session.issue('to-stop');
    const { server } = await busyServer(session);
    await session.ok('deactivate', 'to-stop');
    const away = session.workspace.path('away.db');
    renameSync(session.workspace.defaultStore, away);
    expect(await server.end()).toBe(0);
    const judged = await session.run(['verify', '--store', 'away.db'], { stdin: stopped });
    expect(judged.stdout).toContain('inactive');
  });

  it('is not replaced by a restore while it is damaged and the server uses it', async () => {
    const session = await openSession();
    await session.issue('ci-bot');
    await session.ok('store', 'backup', 'b.db');
    const store = session.workspace.defaultStore;
    emptyIndex(store, 'credential_by_expiry');
    await busyServer(session);
    const refused = await session.run(['store', 'restore', 'b.db', '--force', '--yes']);
    expect(refused.exitCode).toBe(8);
    expect(refused.stderr).toMatch(/another process has .* open/);
  });
});

/** Takes all rows out of an index, which has one page, behind SQLite's back. */
function emptyIndex(path: string, name: string): void {
  const database = new Database(path);
  const [page, size] = [
    Number(database.prepare('select rootpage from sqlite_master where name = ?').pluck().get(name)),
    Number(database.pragma('page_size', { simple: true })),
  ];
  database.close();
  const bytes = readFileSync(path);
  bytes.writeUInt16BE(0, (page - 1) * size + 3);
  writeFileSync(path, bytes);
}
