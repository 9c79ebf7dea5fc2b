import { performance } from 'node:perf_hooks';
import { describe, expect, it } from 'vitest';
import { openPostgresSession, storeConfig } from '../../support/postgres/session.js';
import { type SilentProxy, silentProxy } from '../../support/postgres/silent-proxy.js';
import { openSession } from '../../support/program/run.js';
import { until } from '../../support/program/until.js';
import { forged, issueClient } from '../../support/servers/clients.js';
import { type Answered, basic, bearer, startServer } from '../../support/servers/server.js';

const GRANT = { grant_type: 'client_credentials' };

/** The longest that any client has to wait, and some time for a machine that has much else to do. */
const MOST_MS = 15_000 + 10_000;

async function open() {
  const owner = await openPostgresSession();
  const key = await owner.issue('ci-bot');
  const fresh = await owner.issue('fresh');
  const client = await issueClient(owner, 'crm');
  const { hostname, port } = new URL(owner.database.url);
  const proxy: SilentProxy = await silentProxy(hostname, Number(port));
  const url = Object.assign(new URL(owner.database.url), { host: `127.0.0.1:${proxy.port}` }).href;
  const session = await openSession({ config: storeConfig(url) });
  return { key, fresh, client, proxy, session };
}

describe('a database that swallows every packet', () => {
  it('keeps nobody waiting: 503 in time for whatever is asked, and good again afterwards', async () => {
    const { key, fresh, client, proxy, session } = await open();
    const server = await startServer(session);
    const verify = (secret: string) => server.send('/verify', { headers: bearer(secret) });
    const grant = () => server.post('/oauth/v1/token', GRANT, basic(client.clientId, client.secret));
    expect([(await verify(key)).status, (await grant()).status]).toEqual([200, 200]);

    proxy.fallSilent();
    const timed = async (answer: Promise<Answered>) => {
      const begin = performance.now();
      const { status, headers } = await answer;
      return { status, retry: headers['retry-after'], isInTime: performance.now() - begin < MOST_MS };
    };
    const round = () => [server.send('/readyz'), verify(key), verify(fresh), verify(forged(key)), grant()];
    const asked = round().map(timed);
    expect((await server.send('/healthz')).status).toBe(200);
    // Those who come while others wait do not wait for these first.
    for (let n = 0; n < 2; n += 1) {
      await new Promise((resolve) => setTimeout(resolve, 1_000));
      asked.push(...round().map(timed));
    }
    for (const answer of await Promise.all(asked)) {
      expect(answer).toEqual({ status: 503, retry: '1', isInTime: true });
    }
    expect(server.log()).toMatch(/did not answer in time|could not be reached within/);
    expect(server.log()).not.toMatch(/"level":50/);

    proxy.goOn();
    await until(async () => (await verify(fresh)).status === 200);
    // Not at once, where a write of uses that began in the silence is still to be given up.
    await until(async () => (await server.send('/readyz')).status === 200);
    expect([(await verify(key)).status, (await grant()).status]).toEqual([200, 200]);
    expect(await server.end()).toBe(0);
  });

  it('does not keep a server from ending, also one that has something to write', async () => {
    const { key, proxy, session } = await open();
    const server = await startServer(session, '--drain-timeout', '2s');
    expect((await server.send('/verify', { headers: bearer(key) })).status).toBe(200);
    proxy.fallSilent();
    const begin = performance.now();
    expect(await server.end()).toBe(0);
    expect(performance.now() - begin).toBeLessThan(MOST_MS);
    expect(server.log()).toContain('"stopped"');
  });

  it('does not keep a command for ever, wherever it falls silent', async () => {
    const { proxy, session } = await open();
    proxy.fallSilent();
    const { exitCode, stderr } = await session.run(['list']);
    expect([exitCode, stderr]).toEqual([8, expect.stringMatching(/could not be reached within 10 seconds/)]);
  });
});
