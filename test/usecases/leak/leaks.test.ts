import { describe, expect, it } from 'vitest';
import type { FoundLeak } from '../../../src/domain/leak/leak.js';
import { parseSecret } from '../../../src/domain/secret/secret-format.js';
import { setCredentialStatus } from '../../../src/usecases/credential/activation.js';
import { deleteCredential } from '../../../src/usecases/credential/delete.js';
import { closeLeak } from '../../../src/usecases/leak/close-leak.js';
import { type LeakedSecret, listLeaks } from '../../../src/usecases/leak/list-leaks.js';
import { recordLeaks } from '../../../src/usecases/leak/record-leaks.js';
import { createOwner, setOwnerStatus } from '../../../src/usecases/owner.js';
import { failure } from '../../storage/fixtures.js';
import { openScenario, REVOKE, type Scenario } from '../scenario.js';

function leakOf(secret: string, place = 'a.ts:1:1'): FoundLeak {
  const { handle = '', kind = 'key' } = parseSecret(secret) ?? {};
  return { handle, kind, credentialId: null, version: null, source: 'scan', place };
}

async function listed({ store, clock }: Scenario): Promise<readonly LeakedSecret[]> {
  return (await listLeaks(store, { withClosed: true, limit: 50 }, clock.now())).items;
}

async function only(scenario: Scenario): Promise<LeakedSecret> {
  const [leaked] = await listed(scenario);
  if (leaked === undefined) throw new TypeError('the test expected a leak');
  return leaked;
}

function closing(scenario: Scenario, id: number, reason = 'rotated') {
  const deps = scenario.process();
  return closeLeak({ ...deps, author: { ...deps.author, reason } }, id);
}

describe('a leak', () => {
  it('is recorded without an event, and with one time-out of versions as every write', async () => {
    const scenario = await openScenario();
    const old = await scenario.issue();
    await scenario.rotate();
    scenario.clock.advance(2 * 86_400_000);
    const before = await scenario.actions();
    await recordLeaks(scenario.process(), []);
    expect(await listed(scenario)).toEqual([]);
    await recordLeaks(scenario.process(), [leakOf(old)]);
    expect(await scenario.actions()).toEqual(before);
    expect(await only(scenario)).toMatchObject({ isLive: false, state: 'retired' });
  });

  it.each<readonly [string, boolean, string, (scenario: Scenario) => Promise<unknown>]>([
    ['current', true, 'current', async () => {}],
    ['replaced, in its grace', true, 'retiring', (scenario) => scenario.rotate()],
    ['revoked', false, 'revoked', (scenario) => scenario.rotate({ supersede: REVOKE })],
    [
      'current of an inactive credential',
      false,
      'current',
      (scenario) => setCredentialStatus(scenario.process(), 'ci-bot', 'inactive'),
    ],
    [
      'current of an inactive owner',
      false,
      'current',
      (scenario) => setOwnerStatus(scenario.process(), 'ops', 'inactive'),
    ],
    ['deleted', false, 'deleted', (scenario) => deleteCredential(scenario.process(), 'ci-bot')],
  ])('is judged anew each time: %s', async (_what, isLive, state, change) => {
    const scenario = await openScenario();
    await createOwner(scenario.process(), { name: 'ops', kind: 'service' });
    const secret = await scenario.issue({ owner: 'ops' });
    await recordLeaks(scenario.process(), [leakOf(secret)]);
    await change(scenario);
    expect(await only(scenario)).toMatchObject({ isLive, state, credential: { name: 'ci-bot' } });
  });

  it('shows when and from where its version was last used, and whose it is', async () => {
    const scenario = await openScenario();
    await createOwner(scenario.process(), { name: 'ops', kind: 'service' });
    const secret = await scenario.issue({ owner: 'ops' });
    const id = parseSecret(secret)?.id ?? '';
    await scenario.store.write((tx) => tx.recordUse(id, scenario.clock.now(), '192.0.2.7'));
    await recordLeaks(scenario.process(), [leakOf(secret)]);
    expect(await only(scenario)).toMatchObject({
      credential: { name: 'ci-bot', owner: 'ops', status: 'active' },
      lastUsedAt: scenario.clock.now(),
      lastUsedFrom: '192.0.2.7',
    });
  });

  it('is closed by an event with the reason, about its credential', async () => {
    const scenario = await openScenario();
    const secret = await scenario.issue();
    await recordLeaks(scenario.process(), [leakOf(secret), leakOf(secret, 'b.ts:2:2')]);
    const { leaked, changed } = await closing(scenario, 1);
    expect([changed, leaked.leak.closedAt]).toEqual([true, scenario.clock.now()]);
    expect((await scenario.events()).at(-1)).toMatchObject({
      action: 'leak.close',
      target: { kind: 'credential', name: 'ci-bot' },
      reason: 'rotated',
      details: { leak: 1, handle: parseSecret(secret)?.handle, source: 'scan', places: 2, live: true },
    });
    expect(await scenario.store.countOpenLeaks()).toBe(0);
  });

  it('is closed once: again changes nothing, and writes no event', async () => {
    const scenario = await openScenario();
    await recordLeaks(scenario.process(), [leakOf(await scenario.issue())]);
    await closing(scenario, 1);
    const events = await scenario.events();
    scenario.clock.advance(60_000);
    expect(await closing(scenario, 1, 'again')).toMatchObject({ changed: false });
    expect(await scenario.events()).toEqual(events);
    await expect(closing(scenario, 7)).rejects.toEqual(failure('not_found', /^no leak 7$/, /leaks --all/));
  });

  it('of a deleted credential is closed under its last name, which brings nothing back', async () => {
    const scenario = await openScenario();
    await recordLeaks(scenario.process(), [leakOf(await scenario.issue())]);
    await deleteCredential(scenario.process(), 'ci-bot');
    await closing(scenario, 1);
    expect((await scenario.events()).at(-1)).toMatchObject({
      action: 'leak.close',
      target: { kind: 'credential', name: 'ci-bot' },
    });
    expect(await scenario.exists()).toBe(false);
    expect(await scenario.store.check(scenario.clock.now())).toEqual([]);
  });

  it('of a secret that the store does not know is closed as one of the store', async () => {
    const scenario = await openScenario();
    const handle = 'cctl_tok_0123456789AB';
    await recordLeaks(scenario.process(), [{ ...leakOf(await scenario.issue()), handle, kind: 'tok' }]);
    expect(await only(scenario)).toMatchObject({ isLive: false, state: null, credential: null });
    await closing(scenario, 1);
    expect((await scenario.events()).at(-1)?.target).toMatchObject({ kind: 'store', name: null });
  });
});
