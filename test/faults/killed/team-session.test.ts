import { describe, expect, it } from 'vitest';
import { administer } from '../../../src/library/administrator.js';
import { openStore } from '../../../src/library/open-store.js';
import { faultNumber } from '../../support/faults/fault-numbers.js';
import { openTeamSession } from '../../support/postgres/verifier-login.js';
import { bearer, type Server, startServer } from '../../support/servers/server.js';
import { AdminAtWork, type Handed } from './admin-at-work.js';

const [ADMINS, SERVERS, ASKERS] = [2, 3, 6] as const;

/** What each admin does one after the other. */
const STEPS = faultNumber(160);

/** More than so many answers of each kind are judged. */
const ANSWERS = { 'good asked': 20, 'dead asked': 20 };

const TEST_AUTH = '/rest/v1/auth/test';

/** One address for each client: the throttle counts failures by address. */
function addressOf(turn: number): string {
  return `10.${turn % 251}.${Math.trunc(turn / 251) % 251}.${Math.trunc(turn / 63_001) % 251}`;
}

/** Presents secrets to one server after the other; what it was told wrongly. */
async function ask(
  servers: readonly Server[],
  handed: readonly Handed[],
  seed: number,
  goesOn: () => boolean,
  counts: Map<string, number>,
): Promise<readonly string[]> {
  const wrong: string[] = [];
  for (let turn = seed; goesOn(); turn += 1) {
    // The last ones most of the time: those that change.
    const back = turn % 3 === 0 ? (turn * 31) % handed.length : turn % Math.min(16, handed.length);
    const one = handed.at(-1 - back);
    const server = servers[turn % servers.length];
    if (one === undefined || server === undefined) {
      await new Promise((resolve) => setTimeout(resolve, 10));
      continue;
    }
    const { standing, isGone, changes } = one;
    const { status } = await server.send(TEST_AUTH, {
      headers: { ...bearer(one.secret), 'x-forwarded-for': addressOf(turn) },
    });
    if (status !== 200 && status !== 401 && status !== 429) wrong.push(`answered ${status}`);
    const isSettled = standing !== 'unsettled' && one.changes === changes;
    // What was revoked or deleted before the request began must be refused, whatever happens concurrently.
    if (status === 200 && (isGone || (isSettled && standing === 'dead')))
      wrong.push('a dead one was accepted');
    if (status !== 200 && isSettled && standing === 'good')
      wrong.push(`a good one was refused with ${status}`);
    const kind = isSettled || isGone ? `${standing} asked` : 'changed meanwhile';
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  return wrong;
}

describe(`${ADMINS} admins and ${SERVERS} servers on one PostgreSQL`, () => {
  it('create, rotate, edit, deactivate, delete and verify at once: not one answer is wrong', async () => {
    const session = await openTeamSession();
    const servers = await Promise.all(
      Array.from({ length: SERVERS }, () =>
        startServer(session.gateway, '--rate-limit', '0', '--trust-proxy', '127.0.0.0/8'),
      ),
    );
    const handed: Handed[] = [];
    const stores = await Promise.all(Array.from({ length: ADMINS }, () => openStore(session.database.url)));
    const admins = stores.map(
      (store, n) =>
        new AdminAtWork(administer(store, { actor: `admin-${n}@test` }), `admin-${n}`, handed, n * 3),
    );
    const asked = new Map<string, number>();
    const kinds = Object.entries(ANSWERS);
    let goesOn = () => true;
    const work = Promise.all(admins.map((admin) => admin.work(STEPS))).then(
      () => {
        goesOn = () => kinds.some(([kind, count]) => (asked.get(kind) ?? 0) <= count);
      },
      (fault: unknown) => {
        goesOn = () => false;
        throw fault;
      },
    );
    const askers = Array.from({ length: ASKERS }, (_, n) =>
      ask(servers, handed, n * 101, () => goesOn(), asked),
    );
    const [, wrong] = await Promise.all([work, Promise.all(askers)]);
    for (const store of stores) await store.close();
    const done = new Map<string, number>();
    for (const { counts } of admins) {
      for (const [what, count] of counts) done.set(what, (done.get(what) ?? 0) + count);
    }
    process.stdout.write(
      `operations: ${listed(done)}; requests: ${listed(asked)}; wrong: ${wrong.flat().length}\n`,
    );
    expect(wrong.flat()).toEqual([]);
    for (const what of ['create', 'rotate', 'rotate --now', 'edit', 'deactivate', 'delete']) {
      expect(done.get(what) ?? 0, what).toBeGreaterThan(0);
    }
    for (const [kind, count] of kinds) expect(asked.get(kind) ?? 0, kind).toBeGreaterThan(count);
    for (const server of servers) {
      expect(server.log()).not.toMatch(/"level":50/);
      expect(await server.end()).toBe(0);
    }
    expect((await session.run(['audit', 'verify'])).exitCode).toBe(0);
    expect((await session.run(['store', 'check'])).exitCode).toBe(0);
  });
});

function listed(counts: ReadonlyMap<string, number>): string {
  return [...counts].map(([what, count]) => `${what} ${count}`).join(', ');
}
