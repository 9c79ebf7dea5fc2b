import { describe, expect, it } from 'vitest';
import { abortRotation } from '../../../src/usecases/rotation/end-rotation.js';
import { failure } from '../../storage/fixtures.js';
import { anyWrite, BEFORE_A, BETWEEN_A_AND_B, openScenario } from '../scenario.js';

describe('a create that is killed', () => {
  it.each(BEFORE_A)('at %s leaves nothing', async (step) => {
    const scenario = await openScenario();
    await scenario.tryIssue({ by: { diesAt: step } });
    expect([await scenario.exists(), await scenario.events()]).toEqual([false, []]);
  });

  it.each(BETWEEN_A_AND_B)(
    'at %s, to stdout, is removed by the first write after its lapse',
    async (step) => {
      const scenario = await openScenario();
      await scenario.tryIssue({ by: { diesAt: step } });
      expect(await scenario.states()).toEqual(['pending']);
      scenario.clock.advance('10m');
      expect(await scenario.states()).toEqual(['lapsed']);
      await anyWrite(scenario, 9);
      expect(await scenario.exists()).toBe(false);
      expect(await scenario.actions()).toEqual([
        'credential.create',
        'version.lapse',
        'credential.discard',
        'store.set',
      ]);
    },
  );

  it('stays when its secret was used, for somebody has it', async () => {
    const scenario = await openScenario();
    const { secret } = await scenario.tryIssue({ by: { diesAt: 'delivered' } });
    await scenario.use(secret);
    scenario.clock.advance('52w');
    await anyWrite(scenario, 9);
    expect(await scenario.accepts(secret)).toBe(true);
    expect((await scenario.tryIssue()).fault).toEqual(failure('conflict', /taken/));
  });

  it('stays as pending where something was replaced, until it is resumed or aborted', async () => {
    const scenario = await openScenario();
    const { secret } = await scenario.tryIssue({ by: { diesAt: 'delivered' }, to: { replaces: true } });
    scenario.clock.advance('52w');
    await anyWrite(scenario, 9);
    expect(await scenario.states()).toEqual(['pending']);
    expect(await scenario.accepts(secret)).toBe(true);
    const { credential, name } = await abortRotation(scenario.process(), {
      reference: 'ci-bot',
      force: false,
    });
    expect([credential, name, await scenario.exists()]).toEqual([null, 'ci-bot', false]);
    expect((await scenario.actions()).at(-1)).toBe('credential.discard');
  });

  it('leaves nothing behind when its rotation fails, too', async () => {
    const scenario = await openScenario();
    await scenario.tryIssue({ by: { diesAt: 'committed' } });
    scenario.clock.advance('5m');
    const slow = { meanwhile: { deliver: async () => scenario.clock.advance('6m') } };
    const { fault } = await scenario.tryRotate({ to: { ...slow, failsAt: 'deliver' } });
    expect(fault).toEqual(failure('undelivered'));
    await anyWrite(scenario, 9);
    expect(await scenario.exists()).toBe(false);
  });

  it('is not removed while its rotation is being handed over, however slowly', async () => {
    const scenario = await openScenario();
    await scenario.tryIssue({ by: { diesAt: 'committed' } });
    const slow = async () => {
      scenario.clock.advance('11m');
      await anyWrite(scenario, 9);
    };
    const { fault, secret } = await scenario.tryRotate({ to: { meanwhile: { deliver: slow } } });
    expect(fault).toBeNull();
    expect(await scenario.accepts(secret)).toBe(true);
  });

  it('never makes a credential vanish that somebody held once', async () => {
    const scenario = await openScenario();
    const { secret } = await scenario.tryIssue({ by: { diesAt: 'delivered' } });
    await scenario.use(secret);
    await abortRotation(scenario.process(), { reference: 'ci-bot', force: true });
    await scenario.tryRotate({ by: { diesAt: 'committed' } });
    scenario.clock.advance('10m');
    await anyWrite(scenario, 9);
    expect(await scenario.states()).toEqual(['revoked', 'lapsed']);
  });
});
