import { describe, expect, it } from 'vitest';
import { abortRotation, finishRotation } from '../../../src/usecases/rotation/end-rotation.js';
import { failure } from '../../storage/fixtures.js';
import { DAY, openScenario, REVOKE, type Scenario } from '../scenario.js';

const grace = (ms: number) => ({ kind: 'grace', ms }) as const;
const finish = (scenario: Scenario, force = false) =>
  finishRotation(scenario.process(), { reference: 'ci-bot', force });
const abort = (scenario: Scenario) =>
  abortRotation(scenario.process(), { reference: 'ci-bot', force: false });

/** A rotation a day ago, of which both secrets work for another day. */
async function rotatedYesterday(): Promise<{ scenario: Scenario; old: string; fresh: string }> {
  const scenario = await openScenario();
  const old = await scenario.issue();
  const fresh = await scenario.rotate({ supersede: grace(2 * DAY) });
  scenario.clock.advance('1d');
  return { scenario, old, fresh };
}

async function useLater(scenario: Scenario, secret: string): Promise<void> {
  scenario.clock.advance('1m');
  expect(await scenario.use(secret)).toMatchObject({ valid: true });
}

describe('a rotation every night with a grace of a day', () => {
  it('goes on for ever, and each secret keeps the end that it was given', async () => {
    const scenario = await openScenario();
    const secrets = [await scenario.issue()];
    for (let night = 0; night < 12; night += 1) {
      scenario.clock.advance(DAY - 60_000);
      secrets.push(await scenario.rotate({ supersede: grace(DAY) }));
      const accepted = [];
      for (const secret of secrets.slice(-3)) accepted.push(await scenario.accepts(secret));
      expect(accepted).toEqual(night === 0 ? [true, true] : [true, true, true]);
    }
    scenario.clock.advance(60_000);
    expect((await scenario.states()).slice(-3)).toEqual(['retired', 'retiring', 'current']);
  });
});

describe('a rotation while earlier graces run', () => {
  it('is a conflict once five versions work, which names the ways out that are allowed', async () => {
    const scenario = await openScenario();
    await scenario.issue();
    for (let n = 0; n < 4; n += 1) await scenario.rotate({ supersede: grace(7 * DAY) });
    const before = await scenario.show();
    const { fault, destination } = await scenario.tryRotate();
    expect(fault).toEqual(failure('conflict', /^ci-bot has 5 working secrets/, /--finish.*--grace 0.*--now/));
    expect(destination.moments).toEqual([]);
    expect(await scenario.show()).toEqual(before);
    await scenario.rotate({ supersede: grace(0) });
    expect((await scenario.states()).filter((state) => state === 'current' || state === 'retiring')).toEqual([
      'current',
    ]);
    for (let n = 0; n < 4; n += 1) await scenario.rotate({ supersede: grace(7 * DAY) });
    await scenario.rotate({ supersede: REVOKE });
  });

  it('is finished by ending every grace that runs, and each version in it is looked at', async () => {
    const { scenario, old, fresh } = await rotatedYesterday();
    const newest = await scenario.rotate({ supersede: { kind: 'grace', ms: 2 * DAY } });
    await useLater(scenario, newest);
    await useLater(scenario, old);
    await expect(finish(scenario)).rejects.toEqual(
      failure('conflict', /has not switched everywhere: .*version 1 was last used \d{4}-.*Z$/),
    );
    await finish(scenario, true);
    expect(await scenario.states()).toEqual(['retired', 'retired', 'current']);
    expect([await scenario.accepts(old), await scenario.accepts(fresh)]).toEqual([false, false]);
  });

  it('is taken back by making the previous secret current again, and leaves earlier graces as they were', async () => {
    const { scenario, old } = await rotatedYesterday();
    const before = (await scenario.show()).versions;
    await scenario.rotate({ supersede: { kind: 'grace', ms: 60_000 } });
    await abort(scenario);
    expect(await scenario.states()).toEqual(['retiring', 'current', 'revoked']);
    const ends = (await scenario.show()).versions.map(({ retiresAt }) => retiresAt);
    expect(ends.slice(1)).toEqual(before.map(({ retiresAt }) => retiresAt));
    scenario.clock.advance(DAY - 1);
    expect(await scenario.accepts(old)).toBe(true);
    scenario.clock.advance(1);
    expect(await scenario.accepts(old)).toBe(false);
  });
});

describe('taking back a version while older ones are in doubt as well', () => {
  it('leaves the older secrets working: one of them may be in place', async () => {
    const scenario = await openScenario();
    const inDoubt = { by: { diesAt: 'delivered' }, to: { replaces: true } } as const;
    const { secret: inPlace } = await scenario.tryIssue(inDoubt);
    const { secret: lost } = await scenario.tryRotate(inDoubt);
    await abort(scenario);
    expect([await scenario.accepts(inPlace), await scenario.accepts(lost)]).toEqual([true, false]);
    expect(await scenario.states()).toEqual(['pending', 'revoked']);
    await abort(scenario);
    expect(await scenario.exists(), 'nothing of it can be in use any more').toBe(false);
  });
});
