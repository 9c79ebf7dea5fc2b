import { describe, expect, it } from 'vitest';
import { composeSecret } from '../../../src/domain/secret-format.js';
import { setCredentialStatus } from '../../../src/usecases/activation.js';
import { forged } from '../../support/clients.js';
import { serve } from '../../support/serving.js';
import { openScenario } from '../scenario.js';

describe('throttling', () => {
  it('ends hashing after ten wrong secrets for one credential, and spares what is remembered', async () => {
    const scenario = await openScenario();
    const secret = await scenario.issue();
    const serving = serve(scenario);
    const from = (n: number) => ({ address: `192.0.2.${n}` });
    expect(await serving.outcome(secret)).toBe('granted');
    const before = scenario.hasher.compared;
    for (let n = 0; n < 10; n += 1)
      expect(await serving.outcome(forged(secret), from(n))).toBe('wrong_secret');
    const answer = await serving.answer(forged(secret), from(11));
    expect(answer).toEqual({ granted: false, reason: 'throttled', waitMs: 60_000 });
    expect(scenario.hasher.compared).toBe(before + 10);
    expect(await serving.outcome(secret, from(12))).toBe('granted');
    scenario.clock.advance(60_000);
    expect(await serving.outcome(forged(secret), from(13))).toBe('wrong_secret');
  });

  it('lets no more through when they come all at once', async () => {
    const scenario = await openScenario();
    const secret = await scenario.issue();
    const serving = serve(scenario);
    const letters = [...'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789'];
    const outcomes = await Promise.all(letters.map((letter) => serving.outcome(forged(secret, letter))));
    expect(outcomes.filter((outcome) => outcome === 'wrong_secret')).toHaveLength(10);
    expect(scenario.hasher.compared).toBe(10);
  });

  it('ends after sixty wrong secrets from one address, whatever they are, and goes on for others', async () => {
    const scenario = await openScenario();
    const secret = await scenario.issue();
    const serving = serve(scenario);
    for (let n = 0; n < 60; n += 1) {
      const wrong =
        n % 2 === 0 ? 'rubbish' : composeSecret('cctl', 'key', `Nobody${n + 100_000}`, 'z'.repeat(43));
      expect(['malformed', 'unknown']).toContain(await serving.outcome(wrong));
    }
    expect(await serving.outcome('rubbish')).toBe('throttled');
    expect(await serving.outcome(secret)).toBe('throttled');
    expect(await serving.outcome(secret, { address: '192.0.2.2' })).toBe('granted');
    expect(await serving.outcome(secret)).toBe('granted');
  });

  it('counts what was stopped until something changes, and not against its neighbours', async () => {
    const scenario = await openScenario();
    const [secret, neighbour] = [await scenario.issue(), await scenario.issue({ name: 'neighbour' })];
    const serving = serve(scenario);
    const admin = scenario.process();
    await setCredentialStatus(admin, 'ci-bot', 'inactive');
    for (let n = 0; n < 10; n += 1) expect(await serving.outcome(secret)).toBe('inactive');
    for (let n = 0; n < 100; n += 1) expect(await serving.outcome(secret)).toBe('throttled');
    expect(await serving.outcome(neighbour)).toBe('granted');
    await setCredentialStatus(admin, 'ci-bot', 'active');
    expect(await serving.outcome(secret)).toBe('granted');
  });
});
