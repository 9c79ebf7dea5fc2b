import { describe, expect, it } from 'vitest';
import { secretText } from '../../../src/domain/secret/issued-secret.js';
import { type Administrator, administer } from '../../../src/library/administrator.js';
import { handTo } from '../../../src/library/callback-destination.js';
import { openStore } from '../../../src/library/open-store.js';
import { openTeamSession } from '../../support/postgres/verifier-login.js';
import { bearer, type Server, startServer } from '../../support/servers/server.js';

const [ADMINS, SERVERS, ASKERS, SECONDS] = [2, 3, 6, 12] as const;
const TEST_AUTH = '/rest/v1/auth/test';

/** What was committed about a secret; `unsettled` while an operation on its credential is under way. */
type Standing = 'good' | 'dead' | 'unsettled';

/** A delivered secret, and what is known to be committed about it. */
interface Handed {
  readonly secret: string;
  standing: Standing;
  /** Once dead by revocation or deletion it can never be good again. */
  isGone: boolean;
  /** Counts the changes of `standing`, so that an answer that was overtaken is not judged by it. */
  changes: number;
}

function set(handed: Handed, standing: Standing): void {
  handed.standing = standing;
  handed.changes += 1;
}

/** One admin's credentials, changed by that admin alone, so that what was committed is known. */
class AdminAtWork {
  readonly counts = new Map<string, number>();
  readonly handed: Handed[];
  readonly #admin: Administrator;
  readonly #label: string;
  readonly #live = new Map<string, Handed[]>();
  #made = 0;
  #turn: number;

  constructor(admin: Administrator, label: string, handed: Handed[], seed: number) {
    this.#admin = admin;
    this.#label = label;
    this.handed = handed;
    this.#turn = seed;
  }

  async work(until: number): Promise<void> {
    while (this.#live.size < 4) await this.#create();
    while (performance.now() < until) {
      this.#turn += 1;
      await this.#step(this.#turn % 8);
    }
  }

  async #step(turn: number): Promise<void> {
    const names = [...this.#live.keys()];
    const name = names[(this.#turn * 7) % names.length] ?? '';
    if (turn === 0 || names.length < 3) return this.#create();
    if (turn === 1) return this.#delete(name);
    if (turn < 4) return this.#rotate(name, turn === 2);
    if (turn < 6) return this.#edit(name);
    return this.#deactivateAndBack(name);
  }

  async #create(): Promise<void> {
    this.#made += 1;
    const name = `${this.#label}-${this.#made}`;
    const secret = await this.#issued((to) =>
      this.#admin.create({ name, type: 'api-key', scopes: ['data:users', 'data:conversations'] }, to),
    );
    this.#live.set(name, [this.#remember(secret)]);
    this.#count('create');
  }

  async #rotate(name: string, isUrgent: boolean): Promise<void> {
    const held = this.#live.get(name) ?? [];
    // With a grace the older secrets go on working all the time; two in a row would be in conflict with each other.
    if (!isUrgent && held.length > 1) return this.#finish(name);
    if (isUrgent) this.#suspend(held);
    const secret = await this.#issued((to) =>
      this.#admin.rotate(name, to, isUrgent ? { now: true } : { grace: '1h' }),
    );
    if (isUrgent) this.#end(held);
    this.#live.set(name, [...(isUrgent ? [] : held), this.#remember(secret)]);
    this.#count(isUrgent ? 'rotate --now' : 'rotate');
  }

  async #finish(name: string): Promise<void> {
    const held = this.#live.get(name) ?? [];
    const older = held.slice(0, -1);
    this.#suspend(older);
    await this.#admin.finishRotation(name, { force: true });
    this.#end(older);
    this.#live.set(name, held.slice(-1));
    this.#count('rotate --finish');
  }

  /** The secrets stay good. */
  async #edit(name: string): Promise<void> {
    await this.#admin.edit(name, { labels: { turn: String(this.#turn) } });
    this.#count('edit');
  }

  async #deactivateAndBack(name: string): Promise<void> {
    const held = this.#live.get(name) ?? [];
    this.#suspend(held);
    await this.#admin.deactivate(name);
    for (const one of held) set(one, 'dead');
    this.#count('deactivate');
    await new Promise((resolve) => setTimeout(resolve, 30));
    this.#suspend(held);
    await this.#admin.activate(name);
    for (const one of held) set(one, 'good');
    this.#count('activate');
  }

  async #delete(name: string): Promise<void> {
    const held = this.#live.get(name) ?? [];
    this.#suspend(held);
    await this.#admin.delete(name);
    this.#end(held);
    this.#live.delete(name);
    this.#count('delete');
  }

  async #issued(run: (to: ReturnType<typeof handTo>) => Promise<unknown>): Promise<string> {
    let secret = '';
    await run(
      handTo((delivery) => {
        secret = secretText(delivery.secret);
      }),
    );
    return secret;
  }

  #remember(secret: string): Handed {
    const handed: Handed = { secret, standing: 'good', isGone: false, changes: 0 };
    this.handed.push(handed);
    return handed;
  }

  #suspend(held: readonly Handed[]): void {
    for (const one of held) set(one, 'unsettled');
  }

  #end(held: readonly Handed[]): void {
    for (const one of held) {
      one.isGone = true;
      set(one, 'dead');
    }
  }

  #count(what: string): void {
    this.counts.set(what, (this.counts.get(what) ?? 0) + 1);
  }
}

/** One address for each client: the throttle counts failures by address. */
function addressOf(turn: number): string {
  return `10.${turn % 251}.${Math.trunc(turn / 251) % 251}.${Math.trunc(turn / 63_001) % 251}`;
}

/** Presents secrets to one server after the other; what it was told wrongly. */
async function ask(
  servers: readonly Server[],
  handed: readonly Handed[],
  seed: number,
  until: number,
  counts: Map<string, number>,
): Promise<readonly string[]> {
  const wrong: string[] = [];
  for (let turn = seed; performance.now() < until; turn += 1) {
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
    const until = performance.now() + SECONDS * 1_000;
    const [, wrong] = await Promise.all([
      Promise.all(admins.map((admin) => admin.work(until))),
      Promise.all(Array.from({ length: ASKERS }, (_, n) => ask(servers, handed, n * 101, until, asked))),
    ]);
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
    for (const kind of ['good asked', 'dead asked']) expect(asked.get(kind) ?? 0, kind).toBeGreaterThan(20);
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
