import { describe, expect, it } from 'vitest';
import type { Session } from '../../support/program/run.js';
import { until } from '../../support/program/until.js';
import { clientIn, forged, issueClient, unknownSecret } from '../../support/servers/clients.js';
import { accessToken, figure, handleOf, leaksOf } from '../../support/servers/scanning.js';
import { SERVED_ENGINES } from '../../support/servers/served-engines.js';
import { type Answered, basic, bearer, type Server, startServer } from '../../support/servers/server.js';

const PATH = '/scan/v1/check';
const SCOPE = ['--scope', 'credctl:scan'];

type Headers = Readonly<Record<string, string>>;

interface Result {
  readonly state: string;
  readonly handle: string | null;
  readonly name: string | null;
  readonly owner: string | null;
  readonly last_used_at: string | null;
}

function ask(server: Server, body: unknown, headers: Headers): Promise<Answered> {
  return server.send(PATH, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
}

async function check(
  server: Server,
  secrets: readonly string[],
  headers: Headers,
): Promise<readonly Result[]> {
  const { status, text } = await ask(server, { secrets }, headers);
  expect([status, text]).toEqual([200, expect.stringContaining('results')]);
  return (JSON.parse(text) as { results: readonly Result[] }).results;
}

async function states(server: Server, secrets: readonly string[], headers: Headers) {
  return (await check(server, secrets, headers)).map(({ state }) => state);
}

async function lastUse(session: Session, name: string): Promise<string | null> {
  const { credential } = JSON.parse(await session.ok('show', name, '--json')) as {
    credential: { last_used_at: string | null };
  };
  return credential.last_used_at;
}

describe.each(SERVED_ENGINES)('on $label, asking about secrets that were found', ({ open }) => {
  it('tells what each is, in their order, with the name of the right ones', async () => {
    const { session, gateway } = await open();
    await session.ok('owner', 'create', 'team-a', '--kind', 'service');
    const live = await session.issue('ci-bot', '--owner', 'team-a');
    const rotated = await session.issue('rotated');
    const renewed = clientIn(
      await session.ok('create', 'crm', '--type', 'oauth2', '--scope', 'data:*', '--json'),
    );
    await session.ok('rotate', 'rotated', '--now', '-q');
    const stopped = await session.issue('stopped');
    await session.ok('deactivate', 'stopped');
    const deleted = await session.issue('deleted');
    await session.ok('delete', 'deleted', '--yes');
    const caller = await session.issue('scanner', ...SCOPE);
    const server = await startServer(gateway);
    const token = await accessToken(server, basic(renewed.clientId, renewed.secret));
    const secrets = [
      ...[live, 'rubbish', forged(live), unknownSecret('key'), rotated, stopped, deleted],
      ...[
        renewed.secret,
        token,
        forged(token),
        unknownSecret('tok'),
        live,
        live.replace('cctl_key', 'cctl_sec'),
      ],
    ];
    const results = await check(server, secrets, bearer(caller));
    expect(results.map(({ state }) => state)).toEqual([
      ...['live', 'malformed', 'forged', 'unknown', 'dead', 'dead', 'unknown'],
      ...['live', 'live', 'forged', 'unknown', 'live', 'malformed'],
    ]);
    expect(results[0]).toEqual({
      state: 'live',
      handle: handleOf(live),
      name: 'ci-bot',
      owner: 'team-a',
      last_used_at: null,
    });
    const nothing = { name: null, owner: null, last_used_at: null };
    expect(results.slice(1, 4)).toEqual([
      { state: 'malformed', handle: null, ...nothing },
      { state: 'forged', handle: handleOf(live), ...nothing },
      { state: 'unknown', handle: handleOf(unknownSecret('key')), ...nothing },
    ]);
    expect(results.slice(7, 9).map(({ name }) => name)).toEqual(['crm', 'crm']);
  });

  it('is no use of them and no receipt, but says when they were used last', async () => {
    const { session, gateway } = await open();
    const key = await session.issue('ci-bot');
    const caller = await session.issue('scanner', ...SCOPE);
    const server = await startServer(gateway);
    await check(server, [key], bearer(caller));
    // The use of the caller is written with, or after, any that the check would have left.
    await until(async () => (await lastUse(session, 'scanner')) !== null);
    expect(await lastUse(session, 'ci-bot')).toBeNull();
    await server.send('/rest/v1/auth/test', { headers: bearer(key) });
    await until(async () => (await lastUse(session, 'ci-bot')) !== null);
    const [{ last_used_at: at } = { last_used_at: null }] = await check(server, [key], bearer(caller));
    expect(at).toBe(await lastUse(session, 'ci-bot'));
  });

  it('makes a leak of each live one: listed, logged at level error, counted; never with the secret', async () => {
    const { session, gateway } = await open();
    const key = await session.issue('ci-bot');
    const other = await session.issue('other');
    await session.ok('deactivate', 'other');
    const caller = await session.issue('scanner', ...SCOPE);
    const server = await startServer(gateway);
    expect(await leaksOf(session)).toEqual([]);
    expect(await figure(server, 'credctl_leaks_open')).toBe(0);
    for (const _ of [1, 2]) await check(server, [key, other, forged(key), key], bearer(caller));
    const leaks = await leaksOf(session);
    expect(leaks).toEqual([expect.objectContaining({ handle: handleOf(key), source: 'check', live: true })]);
    expect(JSON.stringify(leaks)).toContain('checked by scanner from 127.0.0.1');
    const lines = server
      .log()
      .split('\n')
      .filter((line) => line.includes('"level":50'))
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(lines[0]).toMatchObject({
      ...{ handle: handleOf(key), credential: 'ci-bot', state: 'live', source: 'check' },
      msg: 'a secret has leaked',
    });
    expect(new Set(lines.map(({ handle }) => handle))).toEqual(new Set([handleOf(key)]));
    expect(await figure(server, 'credctl_leaks_total{state="dead"}')).toBe(2);
    expect(await figure(server, 'credctl_leaks_total{state="forged"}')).toBe(2);
    await until(async () => (await figure(server, 'credctl_leaks_open')) === 1);
    await session.ok('leaks', 'close', '1', '--reason', 'rotated');
    await until(async () => (await figure(server, 'credctl_leaks_open')) === 0);
    for (const secret of [key, other, caller, forged(key)])
      expect(server.log()).not.toContain(secret.slice(-43));
  });

  it('takes credctl:scan, of a key, a token or a client; others learn nothing', async () => {
    const { session, gateway } = await open();
    const key = await session.issue('ci-bot');
    const client = await issueClient(session, 'scanner', ...SCOPE);
    const other = await issueClient(session, 'stranger');
    const server = await startServer(gateway);
    const header = basic(client.clientId, client.secret);
    const token = await accessToken(server, header);
    for (const headers of [header, bearer(token)]) {
      expect(await states(server, [key], headers)).toEqual(['live']);
    }
    for (const secrets of [[key], [forged(key)], ['rubbish'], []]) {
      for (const headers of [bearer(key), basic(other.clientId, other.secret)]) {
        const refused = await ask(server, { secrets }, headers);
        expect([refused.status, refused.text]).toEqual([
          403,
          '{"error":"insufficient_scope","scope":"credctl:scan"}',
        ]);
      }
      expect(await ask(server, { secrets }, {})).toMatchObject({ status: 401, text: '' });
      expect((await ask(server, { secrets }, bearer(forged(key)))).status).toBe(401);
      expect((await ask(server, { secrets }, basic(client.clientId, forged(client.secret)))).status).toBe(
        401,
      );
    }
    expect((await leaksOf(session)).length).toBe(1);
  });

  it('answers trufflehog by the status: 200 for a live one, 404 for any other', async () => {
    const { session, gateway } = await open();
    const key = await session.issue('ci-bot');
    const caller = bearer(await session.issue('scanner', ...SCOPE));
    const server = await startServer(gateway);
    const verified = (...secrets: readonly string[]) => ask(server, { credctl: { token: secrets } }, caller);
    expect((await verified(key, key)).status).toBe(200);
    expect((await verified(forged(key))).status).toBe(404);
    expect((await verified(unknownSecret('key'), 'rubbish')).status).toBe(404);
    await session.ok('deactivate', 'ci-bot');
    expect((await verified(key)).status).toBe(404);
  });

  it('does not throttle wrong secrets, and throttles none of their holders', async () => {
    const { session, gateway } = await open();
    const key = await session.issue('ci-bot');
    const caller = bearer(await session.issue('scanner', ...SCOPE));
    const server = await startServer(gateway);
    const wrong = Array.from({ length: 70 }, (_, n) => [forged(key), unknownSecret('key', n)][n % 2] ?? '');
    expect(new Set(await states(server, wrong, caller))).toEqual(new Set(['forged', 'unknown']));
    expect((await server.send('/verify', { headers: bearer(key) })).status).toBe(200);
    expect((await server.send('/verify', { headers: bearer(unknownSecret('key')) })).status).toBe(401);
  });
});

function openEngine(): ReturnType<(typeof SERVED_ENGINES)[number]['open']> {
  const [engine] = SERVED_ENGINES;
  if (engine === undefined) throw new Error('no engine');
  return engine.open();
}

describe('the limits of a check', () => {
  it('are 100 secrets a request, and 1,000 a minute and caller', async () => {
    const { session, gateway } = await openEngine();
    const caller = bearer(await session.issue('scanner', ...SCOPE));
    const another = bearer(await session.issue('another', ...SCOPE));
    const server = await startServer(gateway);
    const many = (count: number) => Array.from({ length: count }, (_, n) => `x${n}`);
    expect((await ask(server, { secrets: many(101) }, caller)).status).toBe(400);
    // A minute may begin on the way, but not two.
    const asked: Answered[] = [];
    for (let n = 0; n < 21; n += 1) asked.push(await ask(server, { secrets: many(100) }, caller));
    const refused = asked.find(({ status }) => status === 429);
    expect(refused?.text).toBe('{"error":"too_many_requests"}');
    expect(Number(refused?.headers['retry-after'])).toBeGreaterThan(0);
    expect(asked.filter(({ status }) => status === 200).length).toBeGreaterThanOrEqual(10);
    expect((await ask(server, { secrets: many(100) }, another)).status).toBe(200);
  });

  it('are lists of strings', async () => {
    const { session, gateway } = await openEngine();
    const caller = bearer(await session.issue('scanner', ...SCOPE));
    const server = await startServer(gateway);
    const bodies: readonly unknown[] = [
      ...[{}, { secrets: [] }, { secrets: 'cctl_key_x' }, { secrets: [1] }, { secrets: [null] }],
      ...[{ secrets: { token: 'x' } }, { credctl: ['x'] }, { credctl: { token: 'x' } }],
      ...[{ credctl: { token: [7] } }, { credctl: {} }, { credctl: null }],
    ];
    for (const body of bodies) {
      const { status, text } = await ask(server, body, caller);
      expect([body, status, text]).toEqual([
        body,
        400,
        '{"error":"invalid_request","error_description":"secrets is not a list of strings"}',
      ]);
    }
  });
});
