import { describe, expect, it } from 'vitest';
import { abortRotation, resumeRotation } from '../../../src/usecases/rotation/end-rotation.js';
import { Killed } from '../../support/dependencies/dependencies.js';
import { START } from '../../support/dependencies/fixed-clock.js';
import { anyWrite, BEFORE_A, BETWEEN_A_AND_B, openScenario } from '../scenario.js';

describe('a rotation that is killed before transaction A', () => {
  it.each(BEFORE_A)('at %s changes nothing', async (step) => {
    const scenario = await openScenario();
    const old = await scenario.issue();
    const before = [await scenario.show(), await scenario.events()];
    const { fault } = await scenario.tryRotate({ by: { diesAt: step } });
    expect(fault).toBeInstanceOf(Killed);
    expect([await scenario.show(), await scenario.events()]).toEqual(before);
    expect(await scenario.accepts(old)).toBe(true);
    await scenario.rotate();
  });
});

describe('a rotation that is killed between A and B', () => {
  it.each(BETWEEN_A_AND_B)(
    'at %s, to stdout: the old one works, the new one stops by itself',
    async (step) => {
      const scenario = await openScenario();
      const old = await scenario.issue();
      const { secret } = await scenario.tryRotate({ by: { diesAt: step } });
      expect(await scenario.states()).toEqual(['current', 'pending']);
      scenario.clock.advance(599_999);
      expect(await scenario.states()).toEqual(['current', 'pending']);
      if (step === 'delivered') expect(await scenario.accepts(secret)).toBe(true);
      scenario.clock.advance(1);
      expect(await scenario.states()).toEqual(['current', 'lapsed']);
      expect([await scenario.accepts(old), await scenario.accepts(secret)]).toEqual([true, false]);
    },
  );

  it('to stdout: a use proves that it was received, and it stays', async () => {
    const scenario = await openScenario();
    const old = await scenario.issue();
    const { secret } = await scenario.tryRotate({ by: { diesAt: 'delivered' } });
    scenario.clock.advance(599_999);
    expect(await scenario.use(secret)).toMatchObject({ valid: true });
    scenario.clock.advance('52w');
    expect([await scenario.accepts(old), await scenario.accepts(secret)]).toEqual([true, true]);
    expect(await scenario.use(secret)).toMatchObject({ valid: true });
    expect((await scenario.show()).versions[0]?.lapsesAt).toBeNull();
    expect(await scenario.states()).toEqual(['current', 'pending']);
  });

  it('to stdout: being presented after the lapse is no use, and does not revive it', async () => {
    const scenario = await openScenario();
    await scenario.issue();
    const { secret } = await scenario.tryRotate({ by: { diesAt: 'delivered' } });
    scenario.clock.advance(600_000);
    expect(await scenario.use(secret)).toEqual({ valid: false, reason: 'version_retired' });
    expect(await scenario.accepts(secret)).toBe(false);
    expect((await scenario.show()).lastUsedAt).toBeNull();
  });

  it.each(BETWEEN_A_AND_B)('at %s, where something was replaced: both keep working', async (step) => {
    const scenario = await openScenario();
    const old = await scenario.issue();
    const { secret } = await scenario.tryRotate({ by: { diesAt: step }, to: { replaces: true } });
    scenario.clock.advance('52w');
    expect(await scenario.states()).toEqual(['current', 'pending']);
    expect(await scenario.accepts(old)).toBe(true);
    if (step === 'delivered') expect(await scenario.accepts(secret)).toBe(true);
  });

  it('where something was replaced: --resume confirms it, and the old one gets the grace', async () => {
    const scenario = await openScenario();
    await scenario.issue();
    const { secret } = await scenario.tryRotate({ by: { diesAt: 'delivered' }, to: { replaces: true } });
    const resumedAt = scenario.clock.advance('3d');
    const { credential } = await resumeRotation(scenario.process(), { reference: 'ci-bot' });
    expect(await scenario.states()).toEqual(['retiring', 'current']);
    expect(credential?.versions[1]?.retiresAt).toBe(resumedAt + 86_400_000);
    expect(await scenario.accepts(secret)).toBe(true);
  });

  it('where something was replaced: --abort revokes it', async () => {
    const scenario = await openScenario();
    const old = await scenario.issue();
    const { secret } = await scenario.tryRotate({ by: { diesAt: 'delivered' }, to: { replaces: true } });
    await abortRotation(scenario.process(), { reference: 'ci-bot', force: false });
    expect(await scenario.states()).toEqual(['current', 'revoked']);
    expect([await scenario.accepts(old), await scenario.accepts(secret)]).toEqual([true, false]);
  });

  it('where something was replaced: a later rotation supersedes it with the grace', async () => {
    const scenario = await openScenario();
    const old = await scenario.issue();
    const { secret } = await scenario.tryRotate({ by: { diesAt: 'delivered' }, to: { replaces: true } });
    const newest = await scenario.rotate();
    expect(await scenario.states()).toEqual(['retiring', 'retiring', 'current']);
    const all = () => Promise.all([old, secret, newest].map((each) => scenario.accepts(each)));
    expect(await all()).toEqual([true, true, true]);
    scenario.clock.advance('24h');
    expect(await all()).toEqual([false, false, true]);
  });
});

describe('what time has ended', () => {
  it('is stamped by the next write, and stays ended when the clock is set back', async () => {
    const scenario = await openScenario();
    const old = await scenario.issue();
    await scenario.rotate();
    const { secret: lost } = await scenario.tryRotate({
      supersede: { kind: 'revoke' },
      by: { diesAt: 'delivered' },
    });
    scenario.clock.advance('24h');
    await anyWrite(scenario, 9);
    scenario.clock.set(START);
    expect([await scenario.accepts(old), await scenario.accepts(lost)]).toEqual([false, false]);
    expect(await scenario.states()).toEqual(['retired', 'current', 'lapsed']);
    expect((await scenario.show()).versions.map((version) => version.ended)).toEqual([
      { at: START + 600_000, as: 'lapsed' },
      null,
      { at: START + 86_400_000, as: 'retired' },
    ]);
  });

  it('is stamped once, with one event for a lapse and none for a retirement', async () => {
    const scenario = await openScenario();
    await scenario.issue();
    await scenario.rotate();
    await scenario.tryRotate({ supersede: { kind: 'revoke' }, by: { diesAt: 'committed' } });
    scenario.clock.advance('24h');
    for (const cost of [9, 10, 11]) await anyWrite(scenario, cost);
    const lapses = (await scenario.events()).filter((event) => event.action === 'version.lapse');
    expect(lapses.map((event) => event.details)).toEqual([{ version: 3 }]);
  });

  it('is not stamped for a version that is in its grace, or on its way', async () => {
    const scenario = await openScenario();
    await scenario.issue();
    await scenario.rotate();
    scenario.clock.advance(86_399_999);
    await anyWrite(scenario, 9);
    expect(await scenario.states()).toEqual(['retiring', 'current']);
  });
});
