import { describe, expect, it } from 'vitest';
import type { ClockDoubt } from '../../../src/domain/clock-doubt.js';
import { parseDuration } from '../../../src/domain/duration.js';
import { deleteCredential } from '../../../src/usecases/credential/delete.js';
import { editCredential } from '../../../src/usecases/credential/edit.js';
import type { Dependencies } from '../../../src/usecases/dependencies.js';
import { createOwner } from '../../../src/usecases/owner.js';
import { resumeRotation } from '../../../src/usecases/rotation/end-rotation.js';
import { rotateDue } from '../../../src/usecases/rotation/rotate-due.js';
import { ScriptedDestination } from '../../support/dependencies/destinations.js';
import { START } from '../../support/dependencies/fixed-clock.js';
import { DAY, openScenario, REVOKE, type Scenario } from '../scenario.js';

const WRONG = [
  ['in 2069', Date.UTC(2069, 11, 31)],
  ['in 1970', Date.UTC(1970, 0, 1)],
] as const;

const FAR_AHEAD = Date.UTC(2069, 11, 31);
const GRACE_0 = { kind: 'grace', ms: 0 } as const;

/** A scenario with `ci-bot`, whose clock is set by the test. */
async function issued(): Promise<{ scenario: Scenario; secret: string }> {
  const scenario = await openScenario();
  return { scenario, secret: await scenario.issue({ expiresAt: null }) };
}

/** The dependencies of a process, with what it is told of clocks. */
function watching(scenario: Scenario, trustsClock = false): { deps: Dependencies; told: ClockDoubt[] } {
  const told: ClockDoubt[] = [];
  return {
    deps: { ...scenario.process(), trustsClock, onClockDoubt: (doubt) => void told.push(doubt) },
    told,
  };
}

async function clockOfNewest(scenario: Scenario): Promise<unknown> {
  return (await scenario.events()).at(-1)?.details['clock'];
}

describe.each(WRONG)('with a clock that stands %s', (_when, wrong) => {
  it.each([
    ['a rotation with a grace', (s: Scenario) => s.tryRotate()],
    ['a rotation with no grace at all', (s: Scenario) => s.tryRotate({ supersede: GRACE_0 })],
    ['an issue with an end that is counted', (s: Scenario) => counted(s)],
    [
      'an issue with a rotation policy',
      (s: Scenario) => s.tryIssue({ name: 'b', rotateEvery: parseDuration('90d') }),
    ],
  ])('%s is refused before its secret exists', async (_what, attempt) => {
    const { scenario } = await issued();
    scenario.clock.set(wrong);
    const before = await scenario.events();
    const { fault, destination } = await attempt(scenario);
    expect(fault).toMatchObject({
      code: 'conflict',
      message: expect.stringMatching(/^this machine's clock says /),
    });
    expect(fault).toMatchObject({ hint: expect.stringContaining('--yes') });
    expect(destination.deliveries).toEqual([]);
    expect(await scenario.events()).toEqual(before);
  });

  it('an expiry that is counted is refused, one that was given as a time is not', async () => {
    const { scenario } = await issued();
    scenario.clock.set(wrong);
    const { deps } = watching(scenario);
    const change = { reference: 'ci-bot', expiresAt: wrong + DAY };
    await expect(editCredential(deps, { ...change, expiryIsCounted: true })).rejects.toMatchObject({
      code: 'conflict',
    });
    expect((await editCredential(deps, change)).credential.expiresAt).toBe(wrong + DAY);
  });

  it('a leak does not wait: every older secret is revoked', async () => {
    const { scenario, secret } = await issued();
    scenario.clock.set(wrong);
    const next = await scenario.rotate({ supersede: REVOKE });
    scenario.clock.set(START);
    expect([await scenario.accepts(secret), await scenario.accepts(next)]).toEqual([false, true]);
  });

  it('every other change goes on, is noted once it is made, and its event says so', async () => {
    const { scenario } = await issued();
    scenario.clock.set(wrong);
    const { deps, told } = watching(scenario);
    await createOwner(deps, { name: 'svc', kind: 'service' });
    const off = Math.abs(wrong - START);
    expect(told).toMatchObject([{ direction: wrong > START ? 'ahead' : 'behind', ms: off }]);
    expect(await clockOfNewest(scenario)).toEqual({
      [wrong > START ? 'ahead_ms' : 'behind_ms']: off,
      ...(wrong > START ? { last_certain_at: START } : {}),
    });
    await deleteCredential(deps, 'ci-bot');
    expect(told).toHaveLength(2);
  });

  it('an end is refused also after other changes by the same clock', async () => {
    const { scenario } = await issued();
    scenario.clock.set(wrong);
    await createOwner(scenario.process(), { name: 'svc', kind: 'service' });
    expect((await scenario.tryRotate()).fault).toMatchObject({ code: 'conflict' });
  });

  it('the first event of the right clock is noted as well, and heals it', async () => {
    const { scenario } = await issued();
    scenario.clock.set(wrong);
    await createOwner(scenario.process(), { name: 'svc', kind: 'service' });
    scenario.clock.set(START);
    expect((await scenario.tryRotate()).fault).toMatchObject({ code: 'conflict' });
    const { deps, told } = watching(scenario);
    await createOwner(deps, { name: 'next', kind: 'service' });
    expect(told).toHaveLength(1);
    await createOwner(deps, { name: 'last', kind: 'service' });
    expect(told).toHaveLength(1);
    await scenario.rotate();
  });

  it('who vouches for it gets the rotation, and its event says so', async () => {
    const { scenario } = await issued();
    scenario.clock.set(wrong);
    const { deps, told } = watching(scenario, true);
    await scenario.rotate({ by: { ...scenario.process(), ...deps } });
    expect(told[0]?.now).toBe(wrong);
    const [, , event] = await scenario.events();
    expect(event).toMatchObject({ action: 'credential.rotate', details: { clock: { trusted: true } } });
    scenario.clock.set(START);
    await createOwner(scenario.process(), { name: 'svc', kind: 'service' });
    await scenario.rotate({ supersede: REVOKE });
    expect((await scenario.events()).at(-2)?.details['clock']).toBeUndefined();
  });

  it('a run over all that is due is refused as a whole', async () => {
    const scenario = await openScenario();
    await scenario.issue({ rotateEvery: parseDuration('1d') });
    scenario.clock.advance('2d');
    await createOwner(scenario.process(), { name: 'svc', kind: 'service' });
    scenario.clock.set(wrong);
    const { deps, told } = watching(scenario);
    const run = (dueBy: number) =>
      rotateDue(deps, {
        dueBy,
        supersede: { kind: 'grace', ms: DAY },
        destinationsFor: async () => [new ScriptedDestination()],
        onProgress: () => {},
        isStopped: async () => false,
      });
    await expect(run(START + 2 * DAY)).rejects.toMatchObject({ code: 'conflict' });
    expect((await scenario.show()).versions).toHaveLength(1);
    // Where nothing is due, nothing is refused; but that may be the clock's fault.
    expect(told).toEqual([]);
    expect((await run(0)).rotated).toEqual([]);
    expect(told).toHaveLength(1);
  });
});

describe('a clock that is set while a secret is being delivered', () => {
  it('leaves both secrets working, and what is missing can be completed', async () => {
    const { scenario, secret } = await issued();
    const by = scenario.process({
      observe: (step) => void (step === 'delivered' && scenario.clock.set(FAR_AHEAD)),
    });
    const { fault, destination } = await scenario.tryRotate({ by });
    expect(fault).toMatchObject({
      code: 'partial',
      message: expect.stringContaining("this machine's clock says"),
    });
    by.end();
    scenario.clock.set(START);
    expect([await scenario.accepts(secret), await scenario.accepts(destination.secret)]).toEqual([
      true,
      true,
    ]);
    const { versions } = (await resumeRotation(scenario.process(), { reference: 'ci-bot' })).credential ?? {};
    expect(versions?.find(({ number }) => number === 1)?.retiresAt).toBe(START + DAY);
  });

  it('lets no completion count a grace from it either', async () => {
    const { scenario } = await issued();
    const by = scenario.process({ diesAt: 'delivered' });
    await scenario.tryRotate({ by, to: { replaces: true } });
    scenario.clock.set(FAR_AHEAD);
    await expect(resumeRotation(scenario.process(), { reference: 'ci-bot' })).rejects.toMatchObject({
      code: 'conflict',
    });
  });
});

describe('a clock far in the future', () => {
  it.each([[false], [true]])('ends no grace for good (vouched for: %s)', async (trustsClock) => {
    const { scenario, secret } = await issued();
    await scenario.rotate();
    scenario.clock.set(FAR_AHEAD);
    await createOwner(watching(scenario, trustsClock).deps, { name: 'svc', kind: 'service' });
    expect(await scenario.accepts(secret)).toBe(false);
    scenario.clock.set(START + 1);
    expect(await scenario.accepts(secret)).toBe(true);
  });

  it('removes no credential whose secret is on its way', async () => {
    const scenario = await openScenario();
    const { destination } = await scenario.tryIssue({ by: { diesAt: 'delivered' } });
    scenario.clock.set(FAR_AHEAD);
    await createOwner(scenario.process(), { name: 'svc', kind: 'service' });
    scenario.clock.set(START + 1);
    expect(await scenario.accepts(destination.secret)).toBe(true);
  });
});

function counted(scenario: Scenario): ReturnType<Scenario['tryIssue']> {
  return scenario.tryIssue({ name: 'b', expiresAt: scenario.clock.now() + DAY, expiryIsCounted: true });
}
