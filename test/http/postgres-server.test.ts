import { describe, expect, it, onTestFinished } from 'vitest';
import { library } from '../support/build/library.js';
import { openPostgresSession } from '../support/postgres/session.js';
import { POSTGRES_ENGINES } from '../support/postgres/stores.js';
import { loggedInAs, openTeamSession, type TeamSession } from '../support/postgres/verifier-login.js';
import { issueClient } from '../support/servers/clients.js';
import { basic, bearer, type Server, startServer } from '../support/servers/server.js';

const TEST_AUTH = '/rest/v1/auth/test';
const GRANT = { grant_type: 'client_credentials' };

async function status(server: Server, secret: string): Promise<number> {
  return (await server.send(TEST_AUTH, { headers: bearer(secret) })).status;
}

/** The rights that a verifier has lost. */
async function revoke(session: TeamSession, rights: string): Promise<void> {
  await session.database.ask(`revoke ${rights} from ${session.gatewayRole}`);
}

describe.each(POSTGRES_ENGINES)('serve on $label', (engine) => {
  it.each([
    'select on credctl.version_hash',
    'execute on function credctl.issue_tokens',
    'execute on function credctl.delete_token',
    'execute on function credctl.record_uses',
    'usage on schema credctl',
  ])('says which role it takes when the login lacks %s', async (right) => {
    const session = await openTeamSession(engine);
    await revoke(session, right);
    const { exitCode, stderr, stdout } = await session.gateway.run(['serve', '--port', '0'], {
      env: session.gateway.workspace.env,
    });
    expect([exitCode, stdout], stderr).toEqual([4, '']);
    expect(stderr).toMatch(/hint: the login needs (?:the role verifier|a role)[^\n]*credctl store grant/);
  });

  it('needs a store, and makes none', async () => {
    const session = await openPostgresSession(engine);
    expect((await session.refused(8, ['serve', '--port', '0'])).message).toContain('there is no store in');
    const [found] = await session.database.ask(`select 1 from pg_namespace where nspname = 'credctl'`);
    expect(found).toBeUndefined();
  });

  it('leaves everything that a verifier may not change as it is, and shows no right beyond', async () => {
    const session = await openTeamSession(engine);
    const key = await session.issue('bot');
    const client = await issueClient(session, 'crm');
    const server = await startServer(session.gateway, '--connections', '2');
    const trail = await session.ok('audit', 'export');
    const { text } = await server.post('/oauth/v1/token', GRANT, basic(client.clientId, client.secret));
    const { access_token: token } = JSON.parse(text) as { access_token: string };
    expect([await status(server, key), await status(server, token)]).toEqual([200, 200]);
    const revoked = await server.post('/oauth/v1/revoke', { token }, basic(client.clientId, client.secret));
    expect([revoked.status, await status(server, token)]).toEqual([200, 401]);
    expect(await server.end()).toBe(0);
    expect(await session.ok('audit', 'export')).toBe(trail);
    const denied = await session.gateway.run(['deactivate', 'bot'], { env: session.gateway.workspace.env });
    expect(denied.exitCode).toBe(4);
  });

  it('is judged by the row at every request, also where a change went past the program', async () => {
    const session = await openTeamSession(engine);
    const key = await session.issue('bot');
    const [one, other] = [await startServer(session.gateway), await startServer(session.gateway)];
    for (const server of [one, other, one, other]) expect(await status(server, key)).toBe(200);
    await session.database.ask(`update credential set status = 'inactive'`);
    expect([await status(one, key), await status(other, key)]).toEqual([401, 401]);
    await session.database.ask(`update credential set status = 'active'`);
    expect([await status(one, key), await status(other, key)]).toEqual([200, 200]);
    await session.ok('delete', 'bot', '--yes');
    expect([await status(one, key), await status(other, key)]).toEqual([401, 401]);
  });

  it('works as well where sessions see the store as it was, unless they are told otherwise', async () => {
    const session = await openTeamSession(engine);
    const client = await issueClient(session, 'crm');
    const key = await session.issue('bot');
    await session.database.ask(
      `alter role ${session.gatewayRole} set default_transaction_isolation = 'serializable'`,
    );
    const server = await startServer(session.gateway);
    const granted = await server.post('/oauth/v1/token', GRANT, basic(client.clientId, client.secret));
    expect([granted.status, await status(server, key)]).toEqual([200, 200]);
    expect(await server.end()).toBe(0);
    expect(await session.ok('show', 'bot')).not.toMatch(/last used: +never/);
  });

  it('writes tokens that are asked for at once together, and all of them are good at another server', async () => {
    const session = await openTeamSession(engine);
    const client = await issueClient(session, 'crm');
    const [one, other] = [await startServer(session.gateway), await startServer(session.gateway)];
    const grant = () => one.post('/oauth/v1/token', GRANT, basic(client.clientId, client.secret));
    expect((await grant()).status).toBe(200);
    const answers = await Promise.all(Array.from({ length: 64 }, grant));
    expect(new Set(answers.map((answer) => answer.status))).toEqual(new Set([200]));
    const tokens = answers.map(({ text }) => (JSON.parse(text) as { access_token: string }).access_token);
    for (const token of tokens) expect(await status(other, token)).toBe(200);
    const [kept] = await session.database.ask<{ rows: number; transactions: number }>(
      'select count(*) as rows, count(distinct xmin::text) as transactions from access_token',
    );
    expect(kept?.rows).toBe(65);
    expect(kept?.transactions).toBeLessThan(65);
  });
});

describe('createVerifier on a database', () => {
  it('answers as the server does, and rejects until the database can be opened', async () => {
    const session = await openTeamSession();
    const key = await session.issue('bot');
    const url = Object.assign(new URL(session.gatewayUrl), { password: session.gatewayRole }).href;
    const verifier = library.createVerifier(url, { connections: 3 });
    onTestFinished(() => verifier.close());
    await revoke(session, 'select on credctl.version_hash');
    await expect(verifier.verify(key)).rejects.toMatchObject({ code: 'denied' });
    await session.ok('store', 'grant', 'verifier', '--to', session.gatewayRole);
    expect(await verifier.verify(key, { scopes: ['data:users'] })).toMatchObject({
      valid: true,
      credential: { name: 'bot' },
    });
    await session.ok('deactivate', 'bot');
    expect(await verifier.verify(key)).toEqual({ valid: false, reason: 'inactive', name: 'bot' });
  });
});

describe('a login of its own', () => {
  it('is refused with a wrong password, and the password is nowhere to be read', async () => {
    const session = await openTeamSession();
    const wrong = loggedInAs(session, session.gatewayUrl, 'Tr0ub4dor');
    const { exitCode, stderr } = await wrong.run(['serve', '--port', '0'], { env: wrong.workspace.env });
    expect(exitCode).toBe(4);
    expect(stderr).not.toContain('Tr0ub4dor');
  });
});
