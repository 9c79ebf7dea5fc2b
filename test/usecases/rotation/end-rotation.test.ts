import { describe, expect, it } from 'vitest';
import {
  abortRotation,
  finishRotation,
  resumeRotation,
} from '../../../src/usecases/rotation/end-rotation.js';
import { failure } from '../../storage/fixtures.js';
import { DAY, openScenario, type Scenario } from '../scenario.js';

const finish = (scenario: Scenario, force = false) =>
  finishRotation(scenario.process(), { reference: 'ci-bot', force });
const abort = (scenario: Scenario, force = false) =>
  abortRotation(scenario.process(), { reference: 'ci-bot', force });
const resume = (scenario: Scenario) => resumeRotation(scenario.process(), { reference: 'ci-bot' });

/** A rotation a day ago, of which both secrets work for another day. */
async function rotatedYesterday(): Promise<{ scenario: Scenario; old: string; fresh: string }> {
  const scenario = await openScenario();
  const old = await scenario.issue();
  scenario.clock.advance('5d');
  const fresh = await scenario.rotate({ supersede: { kind: 'grace', ms: 2 * DAY } });
  scenario.clock.advance('1d');
  return { scenario, old, fresh };
}

async function useLater(scenario: Scenario, secret: string): Promise<void> {
  scenario.clock.advance('1m');
  expect(await scenario.use(secret)).toMatchObject({ valid: true });
}

describe('rotate --finish', () => {
  it('ends the grace at once, for good', async () => {
    const { scenario, old, fresh } = await rotatedYesterday();
    await finish(scenario);
    expect(await scenario.states()).toEqual(['retired', 'current']);
    expect([await scenario.accepts(old), await scenario.accepts(fresh)]).toEqual([false, true]);
    scenario.clock.advance(-3_600_000);
    expect(await scenario.accepts(old)).toBe(false);
    expect((await scenario.events()).at(-1)).toMatchObject({
      action: 'credential.rotate.finish',
      details: { versions: [1], forced: false },
    });
  });

  it('refuses while only the old secret was used since the rotation, unless forced', async () => {
    const { scenario, old } = await rotatedYesterday();
    await useLater(scenario, old);
    await expect(finish(scenario)).rejects.toEqual(failure('conflict', /not switched/, /--force/));
    expect(await scenario.accepts(old)).toBe(true);
    await finish(scenario, true);
    expect(await scenario.accepts(old)).toBe(false);
    expect((await scenario.events()).at(-1)?.details).toMatchObject({ versions: [1], forced: true });
  });

  it('refuses when the old secret was used after the new one was first used, unless forced', async () => {
    const { scenario, old, fresh } = await rotatedYesterday();
    for (const secret of [fresh, old, fresh]) await useLater(scenario, secret);
    await expect(finish(scenario)).rejects.toEqual(failure('conflict', /not switched everywhere/, /--force/));
    await finish(scenario, true);
    expect(await scenario.accepts(old)).toBe(false);
  });

  it("takes an admin's own look at the new secret for no switch of the integration", async () => {
    const { scenario, old, fresh } = await rotatedYesterday();
    await useLater(scenario, old);
    for (const secret of [old, fresh]) expect(await scenario.look(secret)).toMatchObject({ valid: true });
    await expect(finish(scenario)).rejects.toEqual(failure('conflict', /not switched/, /--force/));
    expect(await scenario.accepts(old)).toBe(true);
  });

  it('goes ahead when the new secret was used after the last use of the old one', async () => {
    const { scenario, old, fresh } = await rotatedYesterday();
    for (const secret of [old, fresh]) await useLater(scenario, secret);
    expect((await finish(scenario)).notes).toEqual([]);
    expect(await scenario.states()).toEqual(['retired', 'current']);
  });

  it('goes ahead when the old secret was last used before the rotation', async () => {
    const scenario = await openScenario();
    const old = await scenario.issue();
    await useLater(scenario, old);
    scenario.clock.advance('1m');
    await scenario.rotate();
    const { notes } = await finish(scenario);
    expect(notes).toEqual([
      expect.stringMatching(/^ci-bot may not have switched: version 2 was never used, /),
    ]);
    expect(await scenario.states()).toEqual(['retired', 'current']);
  });

  it('is a conflict when nothing is retiring, even by force', async () => {
    const scenario = await openScenario();
    await scenario.issue();
    await expect(finish(scenario, true)).rejects.toEqual(
      failure('conflict', /no older secret in a grace period/),
    );
    await expect(finishRotation(scenario.process(), { reference: 'nobody', force: true })).rejects.toEqual(
      failure('not_found'),
    );
  });

  it('ends every version that is retiring', async () => {
    const scenario = await openScenario();
    await scenario.issue();
    await scenario.tryRotate({ by: { diesAt: 'delivered' }, to: { replaces: true } });
    await scenario.rotate();
    await finish(scenario);
    expect(await scenario.states()).toEqual(['retired', 'retired', 'current']);
  });

  it('makes room for the next rotation', async () => {
    const { scenario } = await rotatedYesterday();
    await finish(scenario);
    await scenario.rotate();
    expect(await scenario.states()).toEqual(['retired', 'retiring', 'current']);
  });
});

describe('rotate --abort', () => {
  it('revokes the new version and makes the previous one current again', async () => {
    const { scenario, old, fresh } = await rotatedYesterday();
    const { credential } = await abort(scenario);
    expect(await scenario.states()).toEqual(['current', 'revoked']);
    scenario.clock.advance('52w');
    expect([await scenario.accepts(old), await scenario.accepts(fresh)]).toEqual([true, false]);
    expect(credential).toMatchObject({ name: 'ci-bot' });
    expect((await scenario.events()).at(-1)).toMatchObject({
      action: 'credential.rotate.abort',
      details: { revoked: 2, restored: [1], forced: false },
    });
  });

  it('refuses once the new version has been used, unless forced', async () => {
    const { scenario, old, fresh } = await rotatedYesterday();
    await useLater(scenario, fresh);
    await expect(abort(scenario)).rejects.toEqual(failure('conflict', /already in use/, /--force/));
    expect(await scenario.states()).toEqual(['retiring', 'current']);
    await abort(scenario, true);
    expect([await scenario.accepts(old), await scenario.accepts(fresh)]).toEqual([true, false]);
  });

  it('refuses, even by force, when the previous version no longer works', async () => {
    const { scenario, fresh } = await rotatedYesterday();
    scenario.clock.advance('1d');
    for (const force of [false, true]) {
      await expect(abort(scenario, force)).rejects.toEqual(failure('conflict', /no rotation to undo/));
    }
    expect(await scenario.accepts(fresh)).toBe(true);
  });

  it('refuses, even by force, when there was no rotation', async () => {
    const scenario = await openScenario();
    const secret = await scenario.issue();
    for (const force of [false, true])
      await expect(abort(scenario, force)).rejects.toEqual(failure('conflict'));
    expect(await scenario.accepts(secret)).toBe(true);
  });

  it.each([false, true])(
    'brings back the version that people hold, although another delivery was cut off before (it replaced something: %s)',
    async (replaces) => {
      const scenario = await openScenario();
      const held = await scenario.issue();
      await scenario.tryRotate({ by: { diesAt: 'committed' }, to: { replaces } });
      await scenario.rotate();
      await abort(scenario);
      expect(await scenario.accepts(held)).toBe(true);
      scenario.clock.advance('52w');
      expect(await scenario.accepts(held)).toBe(true);
    },
  );

  it('of a version in use that was cut off is refused, too, unless forced', async () => {
    const scenario = await openScenario();
    const old = await scenario.issue();
    const { secret } = await scenario.tryRotate({ by: { diesAt: 'delivered' } });
    await useLater(scenario, secret);
    await expect(abort(scenario)).rejects.toEqual(failure('conflict', /already in use/));
    await abort(scenario, true);
    expect([await scenario.accepts(old), await scenario.accepts(secret)]).toEqual([true, false]);
  });

  it('can be followed by another rotation', async () => {
    const { scenario } = await rotatedYesterday();
    await abort(scenario);
    await scenario.rotate();
    expect(await scenario.states()).toEqual(['retiring', 'revoked', 'current']);
  });
});

describe('rotate --resume', () => {
  it('confirms a version that was cut off, with the grace that the rotation asked for', async () => {
    const scenario = await openScenario();
    await scenario.issue();
    await scenario.tryRotate({
      supersede: { kind: 'grace', ms: 7 * DAY },
      by: { diesAt: 'delivered' },
      to: { replaces: true },
    });
    const resumedAt = scenario.clock.advance('1h');
    await resume(scenario);
    const [fresh, old] = (await scenario.show()).versions;
    expect(fresh).toMatchObject({ deliveredAt: resumedAt, lapsesAt: null, delivery: null });
    expect(old?.retiresAt).toBe(resumedAt + 7 * DAY);
  });

  it('confirms a version that would lapse, while it still works', async () => {
    const scenario = await openScenario();
    await scenario.issue();
    const { secret } = await scenario.tryRotate({ by: { diesAt: 'delivered' } });
    scenario.clock.advance('9m');
    await resume(scenario);
    scenario.clock.advance('1h');
    expect(await scenario.accepts(secret)).toBe(true);
  });

  it('does not revive a version that has lapsed', async () => {
    const scenario = await openScenario();
    await scenario.issue();
    const { secret } = await scenario.tryRotate({ by: { diesAt: 'delivered' } });
    scenario.clock.advance('10m');
    await expect(resume(scenario)).rejects.toEqual(failure('conflict', /no unfinished delivery/));
    expect(await scenario.accepts(secret)).toBe(false);
  });

  it('is a conflict when nothing is pending', async () => {
    const scenario = await openScenario();
    await scenario.issue();
    await expect(resume(scenario)).rejects.toEqual(failure('conflict', /no unfinished delivery/));
    await expect(resumeRotation(scenario.process(), { reference: 'nobody' })).rejects.toEqual(
      failure('not_found'),
    );
  });

  it('confirms the newest of several, and supersedes the others', async () => {
    const scenario = await openScenario();
    await scenario.issue();
    for (let round = 0; round < 2; round += 1) {
      await scenario.tryRotate({ by: { diesAt: 'delivered' }, to: { replaces: true } });
    }
    expect(await scenario.states()).toEqual(['current', 'pending', 'pending']);
    await resume(scenario);
    expect(await scenario.states()).toEqual(['retiring', 'retiring', 'current']);
  });
});
