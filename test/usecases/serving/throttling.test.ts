import { describe, expect, it } from 'vitest';
import { composeSecret } from '../../../src/domain/secret/secret-format.js';
import { setCredentialStatus } from '../../../src/usecases/credential/activation.js';
import { forged } from '../../support/servers/clients.js';
import { serve } from '../../support/servers/serving.js';
import { openScenario } from '../scenario.js';

describe('throttling', () => {
  it('ends hashing after ten wrong secrets of one address for one credential, and spares what is remembered', async () => {
    const scenario = await openScenario();
    const secret = await scenario.issue();
    const serving = serve(scenario);
    expect(await serving.outcome(secret)).toBe('accepted');
    const before = scenario.hasher.compared;
    for (let n = 0; n < 10; n += 1) expect(await serving.outcome(forged(secret))).toBe('wrong_secret');
    const answer = await serving.answer(forged(secret));
    expect(answer).toEqual({ accepted: false, reason: 'throttled', waitMs: 60_000 });
    expect(scenario.hasher.compared).toBe(before + 10);
    expect(await serving.outcome(secret)).toBe('accepted');
    scenario.clock.advance(60_000);
    expect(await serving.outcome(forged(secret))).toBe('wrong_secret');
  });

  it('spares what is remembered also once it was stopped for a while, and was presented then', async () => {
    const scenario = await openScenario();
    const secret = await scenario.issue();
    const serving = serve(scenario);
    expect(await serving.outcome(secret)).toBe('accepted');
    for (let n = 0; n < 61; n += 1) await serving.outcome('rubbish');
    await setCredentialStatus(scenario.process(), 'ci-bot', 'inactive');
    expect(await serving.outcome(secret)).toBe('throttled');
    await setCredentialStatus(scenario.process(), 'ci-bot', 'active');
    expect(await serving.outcome(secret)).toBe('accepted');
  });

  it('never keeps the owner out whose handle others try, from one address or from many', async () => {
    const scenario = await openScenario();
    const secret = await scenario.issue();
    const serving = serve(scenario);
    const from = (address: string) => ({ address });
    for (let n = 0; n < 12; n += 1) await serving.outcome(forged(secret), from('192.0.2.7'));
    for (let n = 0; n < 40; n += 1) await serving.outcome(forged(secret), from(`198.51.100.${n}`));
    expect(await serving.outcome(secret, from('192.0.2.7'))).toBe('throttled');
    expect(await serving.outcome(secret, from('203.0.113.9'))).toBe('accepted');
    expect(await serving.outcome(secret, from('192.0.2.7'))).toBe('accepted');
  });

  it('never keeps a client out under whose id others try rubbish', async () => {
    const scenario = await openScenario();
    const secret = await scenario.issue({ name: 'app', type: 'oauth2' });
    const serving = serve(scenario);
    const { clientId } = (await serving.principal(secret)).credential;
    if (clientId === null) throw new Error('a client has an id');
    const tried = [];
    for (let n = 0; n < 11; n += 1) tried.push(await serving.outcome('rubbish', { clientId }));
    expect(tried.slice(-2)).toEqual(['malformed', 'throttled']);
    expect(await serving.outcome('rubbish', { clientId, address: '192.0.2.2' })).toBe('malformed');
    const fresh = serve(scenario);
    for (let n = 0; n < 11; n += 1) await fresh.outcome('rubbish', { clientId });
    expect(await fresh.outcome(secret, { clientId })).toBe('accepted');
  });

  it('is not shared by those who present one secret at the same time from several addresses', async () => {
    const scenario = await openScenario();
    const secret = await scenario.issue();
    const serving = serve(scenario);
    for (let n = 0; n < 10; n += 1) await serving.outcome(forged(secret));
    const outcomes = await Promise.all([
      serving.outcome(secret),
      serving.outcome(secret, { address: '192.0.2.2' }),
      serving.outcome(secret, { address: '192.0.2.3' }),
    ]);
    expect(outcomes).toEqual(['throttled', 'accepted', 'accepted']);
    expect(scenario.hasher.compared).toBe(11);
  });

  it('counts one new secret once, however many requests present it at the same time', async () => {
    const scenario = await openScenario();
    const secret = await scenario.issue();
    const serving = serve(scenario);
    const outcomes = await Promise.all(Array.from({ length: 50 }, () => serving.outcome(secret)));
    expect(new Set(outcomes)).toEqual(new Set(['accepted']));
    expect(scenario.hasher.compared).toBe(1);
  });

  it('does not forget what is remembered as good when it is presented in the wrong place', async () => {
    const scenario = await openScenario();
    const secret = await scenario.issue();
    const serving = serve(scenario);
    expect(await serving.outcome(secret)).toBe('accepted');
    for (let n = 0; n < 70; n += 1) await serving.outcome(secret, { kinds: ['sec'] });
    expect(await serving.outcome(secret, { kinds: ['sec'] })).toBe('throttled');
    expect(await serving.outcome(secret)).toBe('accepted');
  });

  it('holds nothing back where the address is not known: it would be the credential alone that counts', async () => {
    const scenario = await openScenario();
    const secret = await scenario.issue();
    const serving = serve(scenario);
    const nowhere = { address: '' };
    for (let n = 0; n < 70; n += 1)
      expect(await serving.outcome(forged(secret), nowhere)).toBe('wrong_secret');
    for (let n = 0; n < 70; n += 1) expect(await serving.outcome('rubbish', nowhere)).toBe('malformed');
    expect(await serving.outcome(secret, nowhere)).toBe('accepted');
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
    expect(await serving.outcome(secret, { address: '192.0.2.2' })).toBe('accepted');
    expect(await serving.outcome(secret)).toBe('accepted');
  });

  it('counts what was stopped until something changes, and not against its neighbours', async () => {
    const scenario = await openScenario();
    const [secret, neighbour] = [await scenario.issue(), await scenario.issue({ name: 'neighbour' })];
    const serving = serve(scenario);
    const admin = scenario.process();
    await setCredentialStatus(admin, 'ci-bot', 'inactive');
    for (let n = 0; n < 10; n += 1) expect(await serving.outcome(secret)).toBe('inactive');
    for (let n = 0; n < 100; n += 1) expect(await serving.outcome(secret)).toBe('throttled');
    expect(await serving.outcome(neighbour)).toBe('accepted');
    await setCredentialStatus(admin, 'ci-bot', 'active');
    expect(await serving.outcome(secret)).toBe('accepted');
  });
});
