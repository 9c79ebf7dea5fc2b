import { renameSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { openTeamSession } from '../support/postgres/verifier-login.js';
import { openSession, type Session } from '../support/program/run.js';
import { issueClient, type TestClient } from '../support/servers/clients.js';
import { basic, bearer, type Server, startServer } from '../support/servers/server.js';
import { becomeOlderSchema, grantOfOlder, makeOlderSchema } from '../support/stores/older-store.js';

const TEST_AUTH = '/rest/v1/auth/test';
const LOOKING = [
  ['list'],
  ['show', 'bot'],
  ['owner', 'list'],
  ['audit', '--limit', '3'],
  ['audit', 'verify'],
];

/** Obtains a token, which is good for a request, can be looked at, and is no longer good once it is revoked. */
async function expectServed(server: Server, key: string, client: TestClient): Promise<void> {
  const status = async (secret: string) => (await server.send(TEST_AUTH, { headers: bearer(secret) })).status;
  const as = basic(client.clientId, client.secret);
  const { text } = await server.post('/oauth/v1/token', { grant_type: 'client_credentials' }, as);
  const { access_token: token } = JSON.parse(text) as { access_token: string };
  expect([await status(key), await status(token)]).toEqual([200, 200]);
  const introspected = await server.post('/oauth/v1/introspect', { token }, as);
  expect(JSON.parse(introspected.text)).toMatchObject({ active: true });
  await server.post('/oauth/v1/revoke', { token }, as);
  expect(await status(token)).toBe(401);
  expect((await server.send('/readyz')).status).toBe(200);
}

async function lastUse(session: Session, name: string): Promise<string | null> {
  const { credential } = JSON.parse(await session.ok('show', name, '--json')) as {
    credential: { last_used_at: string | null };
  };
  return credential.last_used_at;
}

it('a database of the schema before is looked at and served until its owner migrates it, and then as well', async () => {
  const session = await openTeamSession();
  const key = await session.issue('bot');
  const client = await issueClient(session, 'crm');
  const before = await Promise.all(LOOKING.map((argv) => session.ok(...argv)));
  const ask = (sql: string) => session.database.ask(sql);
  await becomeOlderSchema(4, ask);
  await grantOfOlder(4, 'verifier', session.gatewayRole, ask);
  await session.database.leave();

  expect(await Promise.all(LOOKING.map((argv) => session.ok(...argv)))).toEqual(before);
  expect(await session.ok('store', 'info')).toMatch(/^schema: +4$/m);
  const verified = await session.run(['verify'], { stdin: key });
  expect(verified).toEqual({ exitCode: 0, stdout: 'valid: bot, version 1, data:users\n', stderr: '' });
  for (const argv of [
    ['deactivate', 'bot'],
    ['store', 'check'],
    ['store', 'grant', 'auditor', '--to', 'x'],
  ]) {
    const { message, hint } = await session.refused(8, argv);
    expect(message).toMatch(/made by an older credctl \(schema 4; this one needs 5\)$/);
    expect(hint).toMatch(/run: credctl store migrate$/);
  }

  const server = await startServer(session.gateway);
  await expectServed(server, key, client);
  await expect.poll(() => lastUse(session, 'bot')).not.toBeNull();
  expect((await session.run(['store', 'migrate'])).stderr).toContain(
    'migrated the store from schema 4 to 5\n',
  );
  await expectServed(server, key, client);
  await session.ok('deactivate', 'bot');
  expect((await server.send(TEST_AUTH, { headers: bearer(key) })).status).toBe(401);
  expect(await server.end()).toBe(0);
  expect(server.log()).not.toContain('could not be');
  expect(await session.ok('store', 'check')).toContain('no problems found');
});

it('a file of an older schema is migrated by a server before it listens', async () => {
  const session = await openSession();
  await session.ok('store', 'init', '--hash', 'sha256');
  const key = await session.issue('bot');
  const client = await issueClient(session, 'crm');
  const path = join(String(session.workspace.env['XDG_DATA_HOME']), 'credctl', 'credctl.db');
  renameSync(path, `${path}.present`);
  makeOlderSchema(4, path, `${path}.present`);
  await session.sh(`chmod 600 "${path}"; rm "${path}.present"`);
  const server = await startServer(session);
  expect(server.log()).toMatch(
    /^migrated the store from schema 4 to 5\nthe store before the migration is kept as \S+\n/,
  );
  await expectServed(server, key, client);
  expect(await server.end()).toBe(0);
  expect(await session.ok('store', 'info')).toMatch(/^schema: +5$/m);
});
