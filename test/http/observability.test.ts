import { renameSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { openSession } from '../support/program/run.js';
import { forged, issueClient, unknownSecret } from '../support/servers/clients.js';
import { basic, bearer, type Server, startServer } from '../support/servers/server.js';

const TEST_AUTH = '/rest/v1/auth/test';
const GRANT = { grant_type: 'client_credentials' };

/** The figures of /metrics, by name and labels. */
async function figures(server: Server): Promise<Readonly<Record<string, number>>> {
  const { text, headers } = await server.send('/metrics');
  expect(headers['content-type']).toMatch(/^text\/plain; version=0\.0\.4/);
  return Object.fromEntries(
    [...text.matchAll(/^(credctl_\S+) (\S+)$/gm)].map(([, name = '', value]) => [name, Number(value)]),
  );
}

describe('the figures', () => {
  it('count requests by route and status, verifications by outcome, tokens, and hashes', async () => {
    const session = await openSession({ config: 'hash = "bcrypt"\nbcrypt_cost = 4\n' });
    const key = await session.issue('ci-bot');
    const client = await issueClient(session, 'crm');
    const server = await startServer(session);
    for (const secret of [key, key, forged(key), 'rubbish', unknownSecret('key')]) {
      await server.send(TEST_AUTH, { headers: bearer(secret) });
    }
    await server.post('/oauth/v1/token', GRANT, basic(client.clientId, client.secret));
    await server.post('/oauth/v1/token', {}, basic(client.clientId, client.secret));
    await server.send('/nothing');
    await server.send('/verify?scope=events:messages', { headers: bearer(key) });
    await server.raw('no HTTP at all\r\n\r\n');
    await server.raw(`GET /healthz HTTP/1.1\r\nX: ${'y'.repeat(17_000)}\r\n\r\n`);
    const counted = await figures(server);
    expect(counted).toMatchObject({
      [`credctl_http_requests_total{route="${TEST_AUTH}",status="200"}`]: 2,
      [`credctl_http_requests_total{route="${TEST_AUTH}",status="401"}`]: 3,
      'credctl_http_requests_total{route="/oauth/v1/token",status="200"}': 1,
      'credctl_http_requests_total{route="/oauth/v1/token",status="400"}': 1,
      'credctl_http_requests_total{route="none",status="400"}': 1,
      'credctl_http_requests_total{route="none",status="404"}': 1,
      'credctl_http_requests_total{route="none",status="431"}': 1,
      'credctl_verifications_total{outcome="granted"}': 3,
      'credctl_verifications_total{outcome="wrong_secret"}': 1,
      'credctl_verifications_total{outcome="malformed"}': 1,
      'credctl_verifications_total{outcome="unknown"}': 1,
      'credctl_verifications_total{outcome="insufficient_scope"}': 1,
      credctl_tokens_issued_total: 1,
      credctl_store_errors_total: 0,
      credctl_secrets_hashing: 0,
      credctl_hash_queue_depth: 0,
      credctl_hashes_refused_total: 0,
      // The key, the forged one, the unknown one, and the client's.
      credctl_hashes_started_total: 4,
    });
    expect(counted['credctl_hash_wait_seconds_total']).toBeGreaterThan(0);
  });

  it('tell how long requests took, by route and never by path', async () => {
    const session = await openSession();
    const key = await session.issue('ci-bot');
    const server = await startServer(session);
    for (const path of [TEST_AUTH, '/verify/canary/7', '/verify', '/canary', `${TEST_AUTH}?canary=1`]) {
      await server.send(path, { headers: bearer(key) });
    }
    await server.send('/%zz/canary');
    const { text } = await server.send('/metrics');
    expect(text).not.toContain('canary');
    const name = 'credctl_http_request_duration_seconds';
    const value = (series: string): number =>
      Number(
        text
          .split('\n')
          .find((line) => line.startsWith(`${name}${series} `))
          ?.split(' ')[1],
      );
    for (const [route, count] of [
      [TEST_AUTH, 2],
      ['/verify', 2],
      ['none', 1],
    ]) {
      expect(value(`_count{route="${route}"}`)).toBe(count);
      expect(value(`_bucket{le="+Inf",route="${route}"}`)).toBe(count);
      expect(value(`_sum{route="${route}"}`)).toBeGreaterThan(0);
      // No request takes a minute, and milliseconds would be counted as that.
      expect(value(`_sum{route="${route}"}`)).toBeLessThan(60);
    }
  });

  it('name nothing and nobody, whatever the server is called', async () => {
    const session = await openSession();
    await session.ok('owner', 'create', 'payments-team', '--kind', 'service');
    const key = await session.issue('nightly-export', '--owner', 'payments-team');
    const client = await issueClient(session, 'crm');
    const server = await startServer(session);
    await server.send(TEST_AUTH, { headers: bearer(key) });
    await server.send('/verify?scope=data:users', { headers: bearer(key) });
    await server.post('/oauth/v1/token', GRANT, basic(client.clientId, client.secret));
    await server.send('/cctl_key_0123456789AB', { headers: bearer(forged(key)) });
    const { status, text } = await server.send('/metrics', { headers: { host: 'evil.example' } });
    expect(status).toBe(200);
    expect(text).not.toMatch(/nightly|payments|crm|cctl|data:|127\.0\.0\.1|v\d+\.\d+\.\d+/);
  });

  it('show the queue of secrets that wait to be hashed, and those that it has no room for', async () => {
    const session = await openSession({ config: 'hash = "bcrypt"\nbcrypt_cost = 14\n' });
    await session.ok('store', 'init');
    const server = await startServer(session, '--rate-limit', '0');
    const waiting = Array.from({ length: 1_200 }, (_, n) =>
      server.send(TEST_AUTH, { headers: bearer(unknownSecret('key', n)) }).catch(() => null),
    );
    let seen: Readonly<Record<string, number>> = {};
    while ((seen['credctl_hashes_refused_total'] ?? 0) === 0) seen = await figures(server);
    expect(seen['credctl_secrets_hashing']).toBeGreaterThan(0);
    expect(seen['credctl_hash_queue_depth']).toBeGreaterThan(0);
    expect(seen['credctl_store_errors_total']).toBe(0);
    server.child.kill('SIGKILL');
    await Promise.all(waiting);
  });

  it('count what the store could not do; /readyz is 503 for as long', async () => {
    const session = await openSession();
    const key = await session.issue('ci-bot');
    const server = await startServer(session);
    const store = session.workspace.defaultStore;
    expect([
      (await server.send('/readyz')).status,
      (await figures(server))['credctl_store_errors_total'],
    ]).toEqual([200, 0]);
    renameSync(store, `${store}.away`);
    const { status, text, headers } = await server.send('/readyz');
    expect([status, text, headers['retry-after']]).toEqual([503, '{"error":"temporarily_unavailable"}', '1']);
    expect((await server.send(TEST_AUTH, { headers: bearer(key) })).status).toBe(503);
    expect((await server.send('/healthz')).status).toBe(200);
    expect((await figures(server))['credctl_store_errors_total']).toBeGreaterThanOrEqual(2);
    renameSync(`${store}.away`, store);
    expect((await server.send('/readyz')).status).toBe(200);
  });
});
