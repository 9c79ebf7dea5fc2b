import { describe, expect, it } from 'vitest';
import { resumeRotation } from '../../../src/usecases/rotation/end-rotation.js';
import { failure } from '../../storage/fixtures.js';
import { until } from '../../support/program/until.js';
import { anyWrite, openScenario } from '../scenario.js';

describe('transaction B', () => {
  it('clears the lapse even when it has passed: a slow hand-over is still a hand-over', async () => {
    const scenario = await openScenario();
    const slow = { meanwhile: { deliver: async () => scenario.clock.advance('2h') } };
    const first = await scenario.issue({ to: slow });
    const second = await scenario.rotate({ to: slow });
    expect([await scenario.accepts(first), await scenario.accepts(second)]).toEqual([true, true]);
    expect((await scenario.show()).versions.map((version) => version.lapsesAt)).toEqual([null, null]);
  });

  it('clears it although others wrote to the store after it had passed', async () => {
    const scenario = await openScenario();
    const slow = async (secret: string) => {
      scenario.clock.advance('10m');
      await anyWrite(scenario, 9);
      expect(await scenario.accepts(secret)).toBe(false);
    };
    const secret = await scenario.issue({ to: { meanwhile: { deliver: slow } } });
    expect(await scenario.accepts(secret)).toBe(true);
    expect(await scenario.states()).toEqual(['current']);
  });

  it('begins the grace: a slow hand-over takes nothing of it away', async () => {
    const scenario = await openScenario();
    const old = await scenario.issue();
    const slow = { meanwhile: { deliver: async () => scenario.clock.advance('4m') } };
    await scenario.rotate({ supersede: { kind: 'grace', ms: 180_000 }, to: slow });
    expect(await scenario.accepts(old)).toBe(true);
    scenario.clock.advance(179_999);
    expect(await scenario.accepts(old)).toBe(true);
    scenario.clock.advance(1);
    expect(await scenario.accepts(old)).toBe(false);
  });
});

describe('tidying up after transaction B', () => {
  it('is done by every destination, once nothing can go wrong any more', async () => {
    const scenario = await openScenario();
    const seen: unknown[] = [];
    const look = async () => seen.push((await scenario.show()).versions[0]?.deliveredAt);
    const { destination } = await scenario.tryIssue({ to: { meanwhile: { settle: look } } });
    expect(destination.moments).toEqual(['preflight', 'deliver', 'settle']);
    expect(seen).toEqual([scenario.clock.now()]);
  });

  it.each(['undelivered', 'foreign'] as const)('changes nothing when it fails (%s)', async (fault) => {
    const scenario = await openScenario();
    const secret = await scenario.issue({ to: { failsAt: 'settle', fault } });
    expect(await scenario.states()).toEqual(['current']);
    expect(await scenario.accepts(secret)).toBe(true);
  });

  it('is not done for a delivery that failed', async () => {
    const scenario = await openScenario();
    const { destination } = await scenario.tryIssue({ to: { failsAt: 'deliver' } });
    expect(destination.moments).toEqual(['preflight', 'deliver', 'undo']);
  });
});

describe('a transaction B that fails', () => {
  it('leaves both versions working, is partial, and --resume completes it', async () => {
    const scenario = await openScenario();
    const old = await scenario.issue();
    const rotating = scenario.process();
    await scenario.refuseEvents('credential.rotate.deliver');
    const { fault, secret } = await scenario.tryRotate({ by: rotating, to: { replaces: true } });
    expect(fault).toEqual(failure('partial', /could not record that/, /rotate ci-bot --resume/));
    expect([await scenario.accepts(old), await scenario.accepts(secret)]).toEqual([true, true]);
    expect(await scenario.states()).toEqual(['current', 'pending']);

    rotating.end();
    await scenario.acceptEvents();
    await resumeRotation(scenario.process(), { reference: 'ci-bot' });
    expect(await scenario.states()).toEqual(['retiring', 'current']);
    expect((await scenario.actions()).at(-1)).toBe('credential.rotate.deliver');
  });

  it('can be completed while its process lives on, once the store can be written', async () => {
    const scenario = await openScenario();
    await scenario.issue();
    await scenario.refuseEvents('credential.rotate.deliver', 'version.doubt');
    await scenario.tryRotate({ to: { replaces: true } });
    const resume = () => resumeRotation(scenario.process(), { reference: 'ci-bot' });
    await expect(resume()).rejects.toEqual(failure('conflict', /is being delivered/));
    await scenario.acceptEvents();
    await until(async () => (await scenario.actions()).at(-1) === 'version.doubt');
    await resume();
    expect(await scenario.states()).toEqual(['retiring', 'current']);
  });

  it('of a create leaves it working, is partial, and --resume completes it', async () => {
    const scenario = await openScenario();
    const creating = scenario.process();
    await scenario.refuseEvents('credential.deliver');
    const { fault, secret } = await scenario.tryIssue({ by: creating, to: { replaces: true } });
    expect(fault).toEqual(failure('partial', undefined, /^the new secret works; complete the delivery/));
    expect(await scenario.states()).toEqual(['pending']);
    creating.end();
    await scenario.acceptEvents();
    await resumeRotation(scenario.process(), { reference: 'ci-bot' });
    expect(await scenario.states()).toEqual(['current']);
    expect(await scenario.accepts(secret)).toBe(true);
    expect((await scenario.actions()).at(-1)).toBe('credential.deliver');
  });

  it('of a create to what lapses says until when it works', async () => {
    const scenario = await openScenario();
    await scenario.refuseEvents('credential.deliver');
    const { fault } = await scenario.tryIssue();
    expect(fault).toEqual(
      failure('partial', undefined, /^the new secret stops at \S+Z unless it is used; complete the delivery/),
    );
  });

  it('is not undone: what was delivered stays delivered', async () => {
    const scenario = await openScenario();
    await scenario.issue();
    await scenario.refuseEvents('credential.rotate.deliver');
    const { destination } = await scenario.tryRotate();
    expect(destination.moments).toEqual(['preflight', 'deliver']);
  });
});
