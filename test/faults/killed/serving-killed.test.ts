import { describe, expect, it } from 'vitest';
import { openOwnPostgres } from '../../support/postgres/own-postgres.js';
import { openTeamSession } from '../../support/postgres/verifier-login.js';
import type { Session } from '../../support/program/run.js';
import { until } from '../../support/program/until.js';
import { issueClient } from '../../support/servers/clients.js';
import { startLoad } from '../../support/servers/load.js';
import { SERVED_ENGINES } from '../../support/servers/served-engines.js';
import { bearer, type Server, startServer } from '../../support/servers/server.js';

const FLAGS = ['--rate-limit', '0', '--trust-proxy', '127.0.0.0/8'];
const TEST_AUTH = '/rest/v1/auth/test';

/** A key, a client, and a secret whose credential was deleted. */
async function issueAll(session: Session) {
  const [key, dead] = [await session.issue('bot'), await session.issue('gone')];
  const client = await issueClient(session, 'crm');
  await session.ok('delete', 'gone', '--yes');
  return { key, dead, client };
}

async function expectAllStored(server: Server, tokens: readonly string[]): Promise<void> {
  for (const token of tokens) {
    expect((await server.send(TEST_AUTH, { headers: bearer(token) })).status).toBe(200);
  }
}

async function ready(server: Server): Promise<number> {
  return (await server.send('/readyz')).status;
}

describe.each(SERVED_ENGINES)('credctl serve on $label, killed under load and started again', ({ open }) => {
  it('has stored every token that it answered, and never accepts what is dead', async () => {
    const { session, gateway } = await open();
    const issued = await issueAll(session);
    let server = await startServer(gateway, ...FLAGS);
    const load = startLoad({ server: () => server, ...issued });
    for (let kills = 0; kills < 5; kills += 1) {
      const before = load.tokens.length;
      await until(() => load.tokens.length >= before + 5 + kills);
      await server.end('SIGKILL');
      server = await startServer(gateway, ...FLAGS);
    }
    expect(await load.stop()).toEqual([]);
    expect(load.tokens.length).toBeGreaterThan(25);
    await expectAllStored(server, load.tokens);
  });
});

describe('a PostgreSQL server that goes away under a server that answers', () => {
  it('whose sessions are ended: nothing is answered wrongly, and the server connects again', async () => {
    const session = await openTeamSession();
    const issued = await issueAll(session);
    const server = await startServer(session.gateway, ...FLAGS);
    const load = startLoad({ server: () => server, ...issued });
    for (let ended = 0; ended < 8; ended += 1) {
      const before = load.tokens.length;
      await until(() => load.tokens.length >= before + 3);
      const rows = await session.database.ask(
        `select pg_terminate_backend(pid) from pg_stat_activity where usename = '${session.gatewayRole}'`,
      );
      expect(rows.length).toBeGreaterThan(0);
    }
    await until(async () => (await ready(server)) === 200);
    expect(await load.stop()).toEqual([]);
    await expectAllStored(server, load.tokens);
    expect(await server.end()).toBe(0);
  });

  it('as a whole: 503 meanwhile, alive, and as before once it is back', async () => {
    const { session, server: database } = await openOwnPostgres();
    const issued = await issueAll(session);
    const server = await startServer(session, ...FLAGS);
    const load = startLoad({ server: () => server, ...issued });
    for (let stops = 0; stops < 2; stops += 1) {
      const before = load.tokens.length;
      await until(() => load.tokens.length >= before + 5);
      await database.halt();
      await until(async () => (await ready(server)) === 503);
      expect((await server.send('/healthz')).status).toBe(200);
      const { status } = await server.send(TEST_AUTH, { headers: bearer(issued.key) });
      expect(status).toBe(503);
      await database.resume();
      await until(async () => (await ready(server)) === 200);
    }
    expect(await load.stop()).toEqual([]);
    expect(load.statuses.get(0) ?? 0, 'the server itself never went away').toBe(0);
    await expectAllStored(server, load.tokens);
    // Wrong secrets of the same version were tried all the time, so that it may be throttled: not 200, at any rate.
    await session.ok('deactivate', 'bot');
    const { status } = await server.send(TEST_AUTH, { headers: bearer(issued.key) });
    expect([401, 429]).toContain(status);
    expect(await server.end()).toBe(0);
  });
});
