import { describe, expect, it } from 'vitest';
import { POSTGRES_18 } from '../../support/postgres/stores.js';
import { openTeamSession } from '../../support/postgres/verifier-login.js';
import { openSession, type Session } from '../../support/program/run.js';
import { until } from '../../support/program/until.js';
import { forged, issueClient, unknownSecret } from '../../support/servers/clients.js';
import { type Answered, basic, bearer, type Server, startServer } from '../../support/servers/server.js';

const ENGINES = [
  { label: 'SQLite', open: openSession },
  { label: POSTGRES_18.label, open: () => openTeamSession(POSTGRES_18) },
];

const INACTIVE = [200, '{"active":false}'];

type Headers = Readonly<Record<string, string>>;

function introspect(server: Server, token: string, headers: Headers): Promise<Answered> {
  return server.post('/oauth/v1/introspect', { token }, headers);
}

async function answered(server: Server, token: string, headers: Headers): Promise<readonly unknown[]> {
  const { status, text } = await introspect(server, token, headers);
  return [status, text];
}

/** An access token of a client. */
async function tokenOf(server: Server, headers: Headers, scope = ''): Promise<string> {
  const form = { grant_type: 'client_credentials', scope };
  const { text } = await server.post('/oauth/v1/token', form, headers);
  return (JSON.parse(text) as { access_token: string }).access_token;
}

async function lastUse(session: Session, name: string): Promise<{ at: string | null; from: string | null }> {
  const { credential } = JSON.parse(await session.ok('show', name, '--json')) as {
    credential: { last_used_at: string | null; last_used_from: string | null };
  };
  return { at: credential.last_used_at, from: credential.last_used_from };
}

describe.each(ENGINES)('on $label, introspection', ({ open }) => {
  it('of an API key tells whoever holds credctl:introspect what it is good for, and until when', async () => {
    const session = await open();
    const key = await session.issue('ci-bot');
    const ending = await session.issue('ending', '--expires-in', '1h');
    const client = await issueClient(session, 'gateway', '--scope', 'credctl:introspect');
    const caller = await session.issue('caller', '--scope', 'credctl:introspect');
    const server = await startServer(session);
    const header = basic(client.clientId, client.secret);
    const expected = {
      active: true,
      scope: 'data:users',
      token_type: 'api_key',
      sub: expect.stringMatching(/^[0-9a-f-]{36}$/),
      username: 'ci-bot',
      iss: server.url,
    };
    for (const headers of [header, bearer(caller), bearer(await tokenOf(server, header))]) {
      const { status, text, headers: sent } = await introspect(server, key, headers);
      expect([status, sent['cache-control'], JSON.parse(text)]).toEqual([200, 'no-store', expected]);
    }
    const { exp } = JSON.parse((await introspect(server, ending, header)).text) as { exp: number };
    expect(Math.abs(exp - Date.now() / 1_000 - 3_600)).toBeLessThan(300);
  });

  it('of an API key is a use of it, from nowhere that is known', async () => {
    const session = await open();
    const key = await session.issue('ci-bot');
    const caller = await session.issue('caller', '--scope', 'credctl:introspect');
    const server = await startServer(session);
    expect(await lastUse(session, 'ci-bot')).toEqual({ at: null, from: null });
    expect(JSON.parse((await introspect(server, key, bearer(caller))).text)).toMatchObject({ active: true });
    await until(async () => (await lastUse(session, 'ci-bot')).at !== null);
    expect((await lastUse(session, 'ci-bot')).from).toBeNull();
  });

  it('answers the same bytes for every API key that is not active, and hashes for each', async () => {
    const session = await open();
    await session.ok('store', 'set', '--hash', 'bcrypt', '--bcrypt-cost', '4');
    const key = await session.issue('ci-bot');
    const old = await session.issue('rotated');
    await session.ok('rotate', 'rotated', '--now', '-q');
    const stopped = await session.issue('stopped');
    const deleted = await session.issue('deleted');
    const client = await issueClient(session, 'gateway', '--scope', 'credctl:introspect');
    const server = await startServer(session);
    const header = basic(client.clientId, client.secret);
    expect(JSON.parse((await introspect(server, stopped, header)).text)).toMatchObject({ active: true });
    await session.ok('deactivate', 'stopped');
    await session.ok('delete', 'deleted', '--yes');
    const hashes = async () =>
      Number(/^credctl_hashes_started_total (\d+)$/m.exec((await server.send('/metrics')).text)?.[1]);
    const first = await hashes();
    const inactive = [forged(key), unknownSecret('key'), old, stopped, deleted];
    for (const [index, token] of inactive.entries()) {
      expect(await answered(server, token, header)).toEqual(INACTIVE);
      expect(await hashes()).toBe(first + index + 1);
    }
    await session.ok('activate', 'stopped');
    expect(JSON.parse((await introspect(server, stopped, header)).text)).toMatchObject({ active: true });
  });

  it('tells nothing about API keys to others, and does not look at them', async () => {
    const session = await open();
    const key = await session.issue('ci-bot');
    const stranger = await issueClient(session, 'stranger');
    const plain = await session.issue('plain');
    const server = await startServer(session);
    for (const token of [key, forged(key), plain]) {
      expect(await answered(server, token, basic(stranger.clientId, stranger.secret))).toEqual(INACTIVE);
      expect((await introspect(server, token, bearer(plain))).status).toBe(403);
    }
    expect(server.log()).not.toContain('ci-bot');
    expect((await lastUse(session, 'ci-bot')).at).toBeNull();
  });

  it('by an access token takes credctl:introspect in the token itself: 403 without', async () => {
    const session = await open();
    const both = ['--scope', 'credctl:introspect', '--scope', 'data:users'];
    const client = await issueClient(session, 'gateway', ...both);
    const server = await startServer(session);
    const header = basic(client.clientId, client.secret);
    const [able, unable] = [
      await tokenOf(server, header, 'credctl:introspect'),
      await tokenOf(server, header, 'data:users'),
    ];
    expect(JSON.parse((await introspect(server, unable, bearer(able))).text)).toMatchObject({ active: true });
    const refused = await introspect(server, able, bearer(unable));
    expect([refused.status, JSON.parse(refused.text), refused.headers['www-authenticate']]).toEqual([
      403,
      { error: 'insufficient_scope', scope: 'credctl:introspect' },
      'Bearer realm="credctl", error="insufficient_scope", scope="credctl:introspect"',
    ]);
    await session.ok('edit', 'gateway', '--remove-scope', 'credctl:introspect');
    expect((await introspect(server, unable, bearer(able))).status).toBe(401);
  });
});

describe('guessing API keys by introspection', () => {
  it('is throttled by the address that the caller forwards, and good ones that are remembered are not', async () => {
    const session = await openSession();
    const key = await session.issue('ci-bot');
    const unseen = await session.issue('unseen');
    const caller = await session.issue('caller', '--scope', 'credctl:introspect');
    const server = await startServer(session, '--trust-proxy', '127.0.0.1');
    const from = (address: string) => ({ ...bearer(caller), 'x-forwarded-for': address });
    const here = from('203.0.113.1');
    const statuses = async (secrets: readonly string[], headers = here) => {
      const seen = [];
      for (const secret of secrets) seen.push((await introspect(server, secret, headers)).status);
      return seen;
    };
    const repeated = <T>(count: number, make: (n: number) => T) =>
      Array.from({ length: count }, (_, n) => make(n));
    expect(JSON.parse((await introspect(server, key, here)).text)).toMatchObject({ active: true });
    const guesses = repeated(11, () => forged(key));
    expect(await statuses(guesses)).toEqual([...repeated(10, () => 200), 429]);
    const others = repeated(51, (n) => unknownSecret('key', n));
    expect((await statuses(others)).slice(-2)).toEqual([200, 429]);
    const held = await introspect(server, unseen, here);
    expect([held.status, held.text]).toEqual([429, '{"error":"too_many_requests"}']);
    expect(Number(held.headers['retry-after'])).toBeGreaterThan(0);
    expect(JSON.parse((await introspect(server, key, here)).text)).toMatchObject({ active: true });
    expect(JSON.parse((await introspect(server, unseen, from('203.0.113.2'))).text)).toMatchObject({
      active: true,
    });
    expect(server.log()).toContain('"reason":"throttled"');
  });

  it('shuts nobody out where the caller forwards no address', async () => {
    const session = await openSession();
    const key = await session.issue('ci-bot');
    const caller = await session.issue('caller', '--scope', 'credctl:introspect');
    const server = await startServer(session);
    const guesses = [
      ...Array.from({ length: 15 }, () => forged(key)),
      ...Array.from({ length: 60 }, (_, n) => unknownSecret('key', n)),
    ];
    for (const secret of guesses) {
      expect(await introspect(server, secret, bearer(caller))).toMatchObject({
        status: 200,
        text: '{"active":false}',
      });
    }
    expect(JSON.parse((await introspect(server, key, bearer(caller))).text)).toMatchObject({ active: true });
  });
});
