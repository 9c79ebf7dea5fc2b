import { describe, expect, it } from 'vitest';
import { CredctlError, DeliveryInDoubt, NothingIssued } from '../../../src/domain/errors.js';
import type { StopRequest } from '../../../src/domain/ports/ports.js';
import { abortRotation, resumeRotation } from '../../../src/usecases/rotation/end-rotation.js';
import { failure } from '../../storage/fixtures.js';
import { ScriptedDestination } from '../../support/dependencies/destinations.js';
import { DAY, openScenario, REVOKE, type Scenario } from '../scenario.js';

const inDoubt = { fault: 'in doubt', failsAt: 'deliver', kind: 'command', replaces: true } as const;

/** Signals that have arrived, so many of them, as a use case sees them. */
function arrived(count: number, urgentFrom = 1): StopRequest {
  return {
    watch() {},
    hold() {},
    left: new Promise(() => {}),
    signal: async () => (count > 0 ? 'SIGTERM' : null),
    get isUrgent() {
      return count >= urgentFrom;
    },
    onUrgent: () => () => {},
    release() {},
  };
}

describe('a delivery that nobody can tell of', () => {
  it.each([
    ['a grace', { kind: 'grace', ms: DAY }],
    ['--now', REVOKE],
  ] as const)('stays pending, and ends nothing, with %s', async (_, supersede) => {
    const scenario = await openScenario();
    const old = await scenario.issue();
    const { fault, secret } = await scenario.tryRotate({ supersede, to: inDoubt });
    expect(fault).toBeInstanceOf(DeliveryInDoubt);
    expect(fault).toEqual(failure('partial', /in doubt at deliver/, /version 2 .*--resume.*--abort/));
    expect(await scenario.states()).toEqual(['current', 'pending']);
    scenario.clock.advance('10d');
    expect([await scenario.accepts(old), await scenario.accepts(secret)]).toEqual([true, true]);
    expect((await scenario.actions()).slice(-2)).toEqual(['credential.rotate', 'version.doubt']);
  });

  it('of a create keeps the credential', async () => {
    const scenario = await openScenario();
    const { fault, secret } = await scenario.tryIssue({ to: inDoubt });
    expect(fault).toBeInstanceOf(DeliveryInDoubt);
    expect([await scenario.states(), await scenario.accepts(secret)]).toEqual([['pending'], true]);
    await resumeRotation(scenario.process(), { reference: 'ci-bot' });
    expect(await scenario.states()).toEqual(['current']);
  });

  it('does not lapse, whatever the destination said of itself', async () => {
    const scenario = await openScenario();
    const { secret } = await scenario.tryIssue({ to: { ...inDoubt, kind: 'stdout', replaces: false } });
    scenario.clock.advance('11m');
    expect([await scenario.states(), await scenario.accepts(secret)]).toEqual([['pending'], true]);
  });

  it('is over while its process lives on: others decide, or go on', async () => {
    for (const next of ['resume', 'abort', 'rotate'] as const) {
      const scenario = await openScenario();
      const old = await scenario.issue();
      const deliverer = scenario.process();
      const { secret } = await scenario.tryRotate({ to: inDoubt, by: deliverer, supersede: REVOKE });
      if (next === 'resume') await resumeRotation(deliverer, { reference: 'ci-bot' });
      if (next === 'abort') await abortRotation(scenario.process(), { reference: 'ci-bot', force: false });
      if (next === 'rotate') await scenario.rotate();
      const good = { resume: [false, true], abort: [true, false], rotate: [true, true] }[next];
      expect([await scenario.accepts(old), await scenario.accepts(secret)], next).toEqual(good);
    }
  });

  it('leaves what was delivered elsewhere in place, since a completion needs it there', async () => {
    const scenario = await openScenario();
    const file = { kind: 'file', replaces: true } as const;
    const command = new ScriptedDestination(inDoubt);
    const { fault, destination } = await scenario.tryIssue({ to: file, also: [command] });
    expect(fault).toEqual(failure('partial', /in doubt/, /it is in the file/));
    expect([destination.moments, command.moments]).toEqual([
      ['preflight', 'deliver'],
      ['preflight', 'deliver'],
    ]);
  });

  it('holds although the store cannot note it', async () => {
    const scenario = await openScenario();
    const old = await scenario.issue();
    await scenario.refuseEvents('version.doubt');
    const deliverer = scenario.process();
    const { fault, secret } = await scenario.tryRotate({ to: inDoubt, by: deliverer });
    expect(fault).toBeInstanceOf(DeliveryInDoubt);
    deliverer.end();
    scenario.clock.advance('10d');
    expect([await scenario.accepts(old), await scenario.accepts(secret)]).toEqual([true, true]);
  });
});

describe('what replaced an older secret and cannot be put back', () => {
  it('keeps the new secret alive, since whatever reads it there has no other', async () => {
    const scenario = await openScenario();
    const old = await scenario.issue();
    const { fault, secret } = await scenario.tryRotate({
      to: { kind: 'file', replaces: true, failsAt: 'undo', fault: 'foreign' },
      also: [new ScriptedDestination({ kind: 'command', replaces: true, failsAt: 'deliver' })],
    });
    expect(fault).toEqual(failure('partial', /fails at deliver, and the file could not be restored/));
    expect(await scenario.states()).toEqual(['current', 'pending']);
    expect([await scenario.accepts(old), await scenario.accepts(secret)]).toEqual([true, true]);
  });
});

describe('a signal that has arrived', () => {
  async function attempt(scenario: Scenario, stop: StopRequest, kind: 'issue' | 'rotate') {
    const by = { ...scenario.process(), stop };
    return kind === 'issue' ? scenario.tryIssue({ name: 'other', by }) : scenario.tryRotate({ by });
  }

  it.each(['issue', 'rotate'] as const)('keeps a secret from being issued: %s', async (kind) => {
    const scenario = await openScenario();
    const old = await scenario.issue();
    const before = [await scenario.show(), await scenario.events()];
    // Also where what is in hand would be brought to its end: nothing is, yet.
    for (const urgentFrom of [1, 2]) {
      const { fault, destination } = await attempt(scenario, arrived(1, urgentFrom), kind);
      expect(fault).toBeInstanceOf(NothingIssued);
      expect(fault).toEqual(failure('terminated', /interrupted by SIGTERM/, /no secret was issued/));
      expect(destination.moments).toEqual(['preflight']);
    }
    expect([await scenario.show(), await scenario.events()]).toEqual(before);
    expect([await scenario.exists('other'), await scenario.accepts(old)]).toEqual([false, true]);
  });

  it.each([
    ['ends what is in hand', 1, ['current', 'revoked']],
    ['lets it come to its end where it is not urgent', 2, ['retiring', 'current']],
  ] as const)('after the secret was issued %s', async (_, urgentFrom, states) => {
    const scenario = await openScenario();
    await scenario.issue();
    let count = 0;
    const stop = { ...arrived(0), signal: async () => (count > 0 ? ('SIGINT' as const) : null) };
    Object.defineProperty(stop, 'isUrgent', { get: () => count >= urgentFrom });
    const observe = (step: string) => {
      if (step === 'committed') count = 1;
    };
    const { fault, destination } = await scenario.tryRotate({ by: { ...scenario.process(), stop, observe } });
    expect(await scenario.states()).toEqual(states);
    if (urgentFrom === 2) return expect(fault).toBeNull();
    expect(fault).toBeInstanceOf(CredctlError);
    expect(fault).toEqual(failure('interrupted', /interrupted by SIGINT/, /was revoked/));
    expect(destination.moments).toEqual(['preflight']);
  });
});
