import { describe, expect, it } from 'vitest';
import { openSession } from '../../support/program/run.js';
import { forged, issueClient, unknownSecret } from '../../support/servers/clients.js';
import { basic, bearer, startServer } from '../../support/servers/server.js';

const TEST_AUTH = '/rest/v1/auth/test';

describe('too many requests', () => {
  it('of one address are 429, which its probes do not notice', async () => {
    const session = await openSession();
    const key = await session.issue('ci-bot');
    const server = await startServer(session, '--rate-limit', '20');
    const answers = await Promise.all(
      Array.from({ length: 120 }, () => server.send(TEST_AUTH, { headers: bearer(key) })),
    );
    const refused = answers.filter(({ status }) => status === 429);
    expect(answers.every(({ status }) => status === 200 || status === 429)).toBe(true);
    expect(refused.length).toBeGreaterThan(0);
    expect(refused[0]?.headers['retry-after']).toBe('1');
    expect(refused[0]?.text).toBe('{"error":"too_many_requests"}');
    const probes = await Promise.all(Array.from({ length: 60 }, () => server.send('/healthz')));
    expect(probes.every(({ status }) => status === 200)).toBe(true);
  });

  it('are counted by the address that a trusted proxy names, and by no other', async () => {
    const session = await openSession();
    const key = await session.issue('ci-bot');
    const wrong = forged(key);
    const from = (address: string) => ({ ...bearer(wrong), 'x-forwarded-for': address });
    const failing = async (flags: readonly string[]) => {
      const server = await startServer(session, ...flags);
      const seen: number[] = [];
      for (let n = 0; n < 62; n += 1) {
        const secret = unknownSecret('key', n);
        seen.push(
          (await server.send(TEST_AUTH, { headers: { ...from(`198.51.100.${n}`), ...bearer(secret) } }))
            .status,
        );
      }
      return seen;
    };
    expect((await failing([])).slice(-2)).toEqual([429, 429]);
    expect((await failing(['--trust-proxy', '127.0.0.0/8'])).slice(-2)).toEqual([401, 401]);
    expect((await failing(['--trust-proxy', '10.0.0.0/8'])).slice(-2)).toEqual([429, 429]);
  });

  it('are told apart by client where a gateway writes ports behind the addresses', async () => {
    const session = await openSession();
    const key = await session.issue('ci-bot');
    const server = await startServer(session, '--trust-proxy', '127.0.0.1');
    const ask = async (secret: string, from: string) =>
      (await server.send(TEST_AUTH, { headers: { ...bearer(secret), 'x-forwarded-for': from } })).status;
    const statuses = [];
    for (let n = 0; n < 61; n += 1) {
      statuses.push(await ask(unknownSecret('key', n), `203.0.113.50:${40_000 + n}`));
      await ask(unknownSecret('key', n), `[2001:db8::${n + 1}]:${40_000 + n}`);
    }
    expect(statuses.slice(-2)).toEqual([401, 429]);
    expect(await ask(key, '[2001:db8::ffff]:443')).toBe(429);
    expect(await ask(key, 'unknown')).toBe(200);
    expect(await ask(key, '203.0.113.99:41000')).toBe(200);
    expect(server.log()).toContain('"address":"203.0.113.50"');
    expect(server.log()).not.toContain('203.0.113.50:');
  });

  it('of those who know a handle keep its owner out of nothing', async () => {
    const session = await openSession();
    const key = await session.issue('ci-bot');
    const client = await issueClient(session, 'crm');
    const server = await startServer(session, '--trust-proxy', '127.0.0.1');
    const ask = async (secret: string, from: string) =>
      (await server.send(TEST_AUTH, { headers: { ...bearer(secret), 'x-forwarded-for': from } })).status;
    const grant = async (secret: string, from: string) => {
      const headers = { ...basic(client.clientId, secret), 'x-forwarded-for': from };
      return (await server.post('/oauth/v1/token', { grant_type: 'client_credentials' }, headers)).status;
    };
    for (let n = 0; n < 12; n += 1) {
      await ask(forged(key), '203.0.113.50');
      await grant(forged(client.secret), '203.0.113.50');
    }
    expect([await ask(key, '203.0.113.50'), await grant(client.secret, '203.0.113.50')]).toEqual([429, 429]);
    expect([await ask(key, '203.0.113.99'), await grant(client.secret, '203.0.113.99')]).toEqual([200, 200]);
  });

  it('with wrong secrets are 429 with Retry-After, for a credential after ten; remembered ones go on', async () => {
    const session = await openSession();
    const key = await session.issue('ci-bot');
    const client = await issueClient(session, 'crm');
    const server = await startServer(session);
    const ask = (secret: string) => server.send(TEST_AUTH, { headers: bearer(secret) });
    const grant = (secret: string) =>
      server.post('/oauth/v1/token', { grant_type: 'client_credentials' }, basic(client.clientId, secret));
    expect([(await ask(key)).status, (await grant(client.secret)).status]).toEqual([200, 200]);
    for (let n = 0; n < 10; n += 1) {
      expect((await ask(forged(key))).status).toBe(401);
      expect((await grant(`wrong-${n}`)).status).toBe(401);
    }
    for (const refused of [await ask(forged(key)), await grant('wrong')]) {
      expect([refused.status, refused.text]).toEqual([429, '{"error":"too_many_requests"}']);
      expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
      expect(Number(refused.headers['retry-after'])).toBeLessThanOrEqual(60);
    }
    expect([(await ask(key)).status, (await grant(client.secret)).status]).toEqual([200, 200]);
  });
});

describe('with bcrypt', () => {
  it('answers /healthz while secrets are hashed, and 503 with Retry-After when too many wait', async () => {
    const session = await openSession({ config: 'hash = "bcrypt"\nbcrypt_cost = 12\n' });
    await session.ok('store', 'init');
    const server = await startServer(session, '--rate-limit', '0');
    const wrong = Array.from({ length: 900 }, (_, n) =>
      server.send(TEST_AUTH, { headers: { ...bearer(unknownSecret('key', n)) } }).catch(() => null),
    );
    let finished = false;
    const all = Promise.all(wrong).finally(() => {
      finished = true;
    });
    const health: number[] = [];
    while (!finished) {
      const answered = await server.send('/healthz');
      expect(answered.status).toBe(200);
      health.push(answered.status);
      if (server.log().includes('too many secrets')) break;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    expect(health.length).toBeGreaterThan(0);
    server.child.kill('SIGKILL');
    const answers = (await all).flatMap((answered) => (answered === null ? [] : [answered]));
    const busy = answers.filter(({ status }) => status === 503);
    expect(busy.length).toBeGreaterThan(0);
    expect(busy[0]?.headers['retry-after']).toBe('1');
    expect(busy[0]?.text).toBe('{"error":"temporarily_unavailable"}');
  });
});
