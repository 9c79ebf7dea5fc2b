import { describe, expect, it } from 'vitest';
import { POSTGRES_ENGINES } from '../support/postgres/stores.js';
import { openTeamSession } from '../support/postgres/verifier-login.js';
import { openSession, type Session } from '../support/program/run.js';
import { until } from '../support/program/until.js';
import { clientIn, issueClient } from '../support/servers/clients.js';
import { basic, bearer, type Server, startServer } from '../support/servers/server.js';

/** An engine, and a session whose commands change the store that a server of the other session serves. */
interface Engine {
  readonly label: string;
  start(): Promise<{ readonly session: Session; readonly gateway: Session }>;
}

const ENGINES: readonly Engine[] = [
  {
    label: 'SQLite',
    async start() {
      const session = await openSession();
      return { session, gateway: session };
    },
  },
  ...POSTGRES_ENGINES.map((engine) => ({
    label: `${engine.label}, as its verifier`,
    async start() {
      const session = await openTeamSession(engine);
      return { session, gateway: session.gateway };
    },
  })),
];

/** An API key, a client and a token of it, all owned by `ops`, on a server that has them all in mind. */
async function open({ start }: Engine): Promise<{
  session: Session;
  server: Server;
  statuses: () => Promise<{ key: number; token: number; client: number }>;
  scopes: () => Promise<{ key: readonly string[]; token: readonly string[] }>;
  granted: (scope?: string) => Promise<readonly string[] | string>;
}> {
  const { session, gateway } = await start();
  await session.ok('owner', 'create', 'ops', '--kind', 'service');
  const both = ['--owner', 'ops', '--scope', 'data:users', '--scope', 'data:conversations'];
  const key = await session.issue('ci-bot', ...both);
  const client = await issueClient(session, 'crm', ...both);
  const server = await startServer(gateway);
  const grant = (scope: { readonly scope?: string } = {}) =>
    server.post(
      '/oauth/v1/token',
      { grant_type: 'client_credentials', ...scope },
      basic(client.clientId, client.secret),
    );
  const { access_token: token } = JSON.parse((await grant()).text) as { access_token: string };
  const ask = (secret: string) => server.send('/rest/v1/auth/test', { headers: bearer(secret) });
  const opened = {
    session,
    server,
    granted: async (scope?: string) => {
      const { text } = await grant(scope === undefined ? {} : { scope });
      const answer = JSON.parse(text) as { scope?: string; error?: string };
      return answer.scope?.split(' ') ?? answer.error ?? '';
    },
    statuses: async () => ({
      key: (await ask(key)).status,
      token: (await ask(token)).status,
      client: (await grant()).status,
    }),
    scopes: async () => ({
      key: JSON.parse((await ask(key)).text).scopes,
      token: JSON.parse((await ask(token)).text).scopes,
    }),
  };
  for (let n = 0; n < 3; n += 1) expect(await opened.statuses()).toEqual(GOOD);
  return opened;
}

const GOOD = { key: 200, token: 200, client: 200 };
const REFUSED = { key: 401, token: 401, client: 401 };
const BOTH = ['ci-bot', 'crm'];

describe.each(ENGINES)('on $label, the next request after a command in another process', (engine) => {
  it('is refused after deactivate, and good again after activate', async () => {
    const { session, statuses } = await open(engine);
    await session.ok('deactivate', ...BOTH);
    expect(await statuses()).toEqual(REFUSED);
    await session.ok('activate', ...BOTH);
    expect(await statuses()).toEqual(GOOD);
  });

  it('is refused after the owner was deactivated, and good again', async () => {
    const { session, statuses } = await open(engine);
    await session.ok('owner', 'deactivate', 'ops');
    expect(await statuses()).toEqual(REFUSED);
    await session.ok('owner', 'activate', 'ops');
    expect(await statuses()).toEqual(GOOD);
    await session.ok('owner', 'delete', 'ops', '--yes');
    expect(await statuses()).toEqual(REFUSED);
  });

  it('is refused after delete', async () => {
    const { session, statuses } = await open(engine);
    await session.ok('delete', ...BOTH, '--yes');
    expect(await statuses()).toEqual(REFUSED);
  });

  it('is refused after rotate --now, and good with the new secret', async () => {
    const { session, server, statuses } = await open(engine);
    const key = (await session.ok('rotate', 'ci-bot', '--now', '-q')).trimEnd();
    const client = clientIn(await session.ok('rotate', 'crm', '--now', '--json'));
    expect(await statuses()).toEqual(REFUSED);
    expect((await server.send('/rest/v1/auth/test', { headers: bearer(key) })).status).toBe(200);
    const { status } = await server.post(
      '/oauth/v1/token',
      { grant_type: 'client_credentials' },
      basic(client.clientId, client.secret),
    );
    expect(status).toBe(200);
  });

  it('is good during a grace, and refused once it was finished', async () => {
    const { session, statuses } = await open(engine);
    for (const name of BOTH) await session.ok('rotate', name, '-q');
    expect(await statuses()).toEqual(GOOD);
    for (const name of BOTH) await session.ok('rotate', name, '--finish', '--force');
    expect(await statuses()).toEqual(REFUSED);
  });

  it('has lost the scopes that were removed, and is refused when a token has none left', async () => {
    const { session, scopes, statuses } = await open(engine);
    for (const name of BOTH) await session.ok('edit', name, '--remove-scope', 'data:conversations');
    expect(await scopes()).toEqual({ key: ['data:users'], token: ['data:users'] });
    for (const name of BOTH) await session.ok('edit', name, '--scope', 'events:messages');
    expect(await statuses()).toEqual({ key: 200, token: 401, client: 200 });
    expect((await scopes()).key).toEqual(['events:messages']);
  });

  it('obtains a token with the scopes of this moment: those that were added, and none that was removed', async () => {
    const { session, granted } = await open(engine);
    expect(await granted()).toEqual(['data:conversations', 'data:users']);
    await session.ok('edit', 'crm', '--add-scope', 'data:plugin-calls', '--remove-scope', 'data:users');
    expect(await granted()).toEqual(['data:conversations', 'data:plugin-calls']);
    expect(await granted('data:plugin-calls')).toEqual(['data:plugin-calls']);
    expect(await granted('data:users')).toBe('invalid_scope');
    await session.ok('edit', 'crm', '--add-scope', 'data:users');
    expect(await granted('data:users')).toEqual(['data:users']);
  });

  it('is refused once its time is over, which no command tells anybody', async () => {
    const { session, statuses } = await open(engine);
    for (const name of BOTH) await session.ok('edit', name, '--expires-in', '2s');
    const ends = BOTH.map(async (name) => {
      const { credential } = JSON.parse(await session.ok('show', name, '--json'));
      return Date.parse(credential.expires_at);
    });
    const end = Math.max(...(await Promise.all(ends)));
    // Not by asking again and again, which would be throttled.
    await until(() => Date.now() > end);
    expect(await statuses()).toEqual(REFUSED);
  });

  it('is seen as a use by others within five seconds, and not lost at the end', async () => {
    const { session, server, statuses } = await open(engine);
    const used = async () => {
      const { credential } = JSON.parse(await session.ok('show', 'ci-bot', '--json'));
      return credential.last_used_at as string | null;
    };
    const usedAt = Date.now();
    await until(async () => {
      const askedAt = Date.now();
      if ((await used()) !== null) return true;
      expect(askedAt - usedAt, 'whoever asks five seconds later sees it').toBeLessThan(5_000);
      return false;
    });
    const before = await used();
    expect(before).not.toBeNull();
    await statuses();
    expect(await server.end()).toBe(0);
    expect(String(await used()) > String(before)).toBe(true);
  });
});
