import { describe, expect, it } from 'vitest';
import { deleteCredential } from '../../../src/usecases/credential/delete.js';
import { serve } from '../../support/servers/serving.js';
import { DAY, openScenario } from '../scenario.js';

describe('uses', () => {
  it('are gathered and written at once, each version with its first and its last', async () => {
    const scenario = await openScenario();
    const secret = await scenario.issue();
    const serving = serve(scenario);
    const first = scenario.clock.now();
    await serving.outcome(secret);
    const last = scenario.clock.advance(700);
    await serving.outcome(secret);
    expect((await scenario.show()).lastUsedAt).toBeNull();
    const generation = await scenario.generation();
    await serving.verifier.uses.flush();
    expect(await scenario.show()).toMatchObject({
      lastUsedAt: last,
      versions: [{ firstUsedAt: first, lastUsedAt: last }],
    });
    expect(await scenario.generation()).toBe(generation);
  });

  it('are kept for the next time when they cannot be written, and pass over what is gone', async () => {
    const scenario = await openScenario();
    const [secret, gone] = [await scenario.issue(), await scenario.issue({ name: 'gone' })];
    const serving = serve(scenario);
    await serving.outcome(secret);
    await serving.outcome(gone);
    await deleteCredential(scenario.process(), 'gone');
    await scenario.files.tamper(
      "create trigger full before insert on last_use begin select raise(abort, 'full'); end",
    );
    await expect(serving.verifier.uses.flush()).rejects.toThrow('contradicts itself');
    await scenario.files.tamper('drop trigger full');
    await serving.verifier.uses.flush();
    expect((await scenario.show()).lastUsedAt).toBe(scenario.clock.now());
    expect(serving.verifier.uses.pending()).toBe(0);
  });

  it('are all written once, also when several want them to be at the same time, and more arrive meanwhile', async () => {
    const scenario = await openScenario();
    const names = ['a', 'b', 'c', 'd'];
    const secrets = await Promise.all(
      names.map(async (name) => ({ name, secret: await scenario.issue({ name }) })),
    );
    const serving = serve(scenario);
    const flushes: Promise<void>[] = [];
    for (const { secret } of secrets) {
      expect(await serving.outcome(secret)).toBe('accepted');
      flushes.push(serving.verifier.uses.flush(), serving.verifier.uses.flush());
    }
    await Promise.all(flushes);
    expect(serving.verifier.uses.pending()).toBe(0);
    for (const { name } of secrets) {
      expect((await scenario.show(name)).lastUsedAt).toBe(scenario.clock.now());
    }
  });

  it('stamp what time has ended, as every write does', async () => {
    const scenario = await openScenario();
    const old = await scenario.issue();
    await scenario.rotate();
    const other = await scenario.issue({ name: 'other' });
    const serving = serve(scenario);
    scenario.clock.advance(DAY);
    await serving.outcome(other);
    await serving.verifier.uses.flush();
    scenario.clock.advance(0);
    scenario.clock.set(scenario.clock.now() - DAY / 2);
    expect(await serving.outcome(old)).toBe('version_retired');
  });
});
