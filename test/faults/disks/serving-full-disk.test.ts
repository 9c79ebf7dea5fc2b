import { spawn } from 'node:child_process';
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, it, onTestFinished } from 'vitest';
import { privateMount } from '../../support/faults/private-mount.js';
import { PROGRAM } from '../../support/program/real-program.js';
import { openSession } from '../../support/program/run.js';
import { until } from '../../support/program/until.js';
import { issueClient } from '../../support/servers/clients.js';

const GRANT = { grant_type: 'client_credentials' };

/** A server on a disk of its own, with a key and a client. */
async function servingOnDisk() {
  const session = await openSession();
  const key = await session.issue('ci-bot');
  const client = await issueClient(session, 'crm');
  const source = new Database(session.workspace.defaultStore);
  source.pragma('wal_checkpoint(truncate)');
  source.close();
  const disk = await privateMount(2_048);
  onTestFinished(() => disk.remove());
  copyFileSync(session.workspace.defaultStore, join(disk.view, 'credctl.db'));
  disk.sh('chmod 600 "$1/credctl.db"');
  const [file = '', ...argv] = disk.inside([
    process.execPath,
    PROGRAM,
    ...['serve', '--port', '0', '--rate-limit', '0', '--store', join(disk.directory, 'credctl.db')],
  ]);
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
  return { key, client, disk, url, log: () => log };
}

it('a server on a full disk refuses tokens with 503, goes on checking keys, and recovers', async () => {
  const { key, client, disk, url, log } = await servingOnDisk();
  const ask = (secret: string) =>
    fetch(`${url}/rest/v1/auth/test`, { headers: { authorization: `Bearer ${secret}` } });
  const grant = () =>
    fetch(`${url}/oauth/v1/token`, {
      method: 'POST',
      body: new URLSearchParams({ ...GRANT, client_id: client.clientId, client_secret: client.secret }),
    });
  const tokens: string[] = [];
  const granted = async (): Promise<number> => {
    const answer = await grant();
    const body = (await answer.json()) as { access_token?: string };
    if (body.access_token !== undefined) tokens.push(body.access_token);
    return answer.status;
  };
  expect([(await ask(key)).status, await granted()]).toEqual([200, 200]);
  disk.fill();
  // What room the log has left is used up first.
  let status = await granted();
  for (let tries = 0; status === 200 && tries < 500; tries += 1) status = await granted();
  expect(status).toBe(503);
  expect((await grant()).headers.get('retry-after')).toBe('1');
  expect([(await ask(key)).status, (await fetch(`${url}/healthz`)).status]).toEqual([200, 200]);
  expect((await fetch(`${url}/readyz`)).status).toBe(503);
  disk.sh('rm "$1/filler"');
  expect(await granted()).toBe(200);
  await until(async () => (await fetch(`${url}/readyz`)).status === 200);
  for (const token of tokens) expect((await ask(token)).status).toBe(200);
  expect(log()).not.toMatch(/"level":50/);
});

it('a server that nobody uses is ready on a full disk for as long as it can write, and not once longer', async () => {
  const { client, disk, url, log } = await servingOnDisk();
  const ready = async () => (await fetch(`${url}/readyz`)).status;
  const issued = async () => {
    const body = new URLSearchParams({ ...GRANT, client_id: client.clientId, client_secret: client.secret });
    return (await fetch(`${url}/oauth/v1/token`, { method: 'POST', body })).status;
  };
  expect(await issued()).toBe(200);
  disk.fill();
  let status = await ready();
  for (let tries = 0; status === 200 && tries < 500; tries += 1) status = await ready();
  expect([status, await issued(), await ready()]).toEqual([503, 503, 503]);
  expect(log()).toContain('no space left for');
  disk.sh('rm "$1/filler"');
  expect([await ready(), await issued()]).toEqual([200, 200]);
});
