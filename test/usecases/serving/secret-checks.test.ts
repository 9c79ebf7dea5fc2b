import { describe, expect, it } from 'vitest';
import { SecretChecks } from '../../../src/usecases/serving/secret-checks.js';
import { failure } from '../../storage/fixtures.js';
import { times } from '../../support/faults/concurrently.js';
import { forged } from '../../support/servers/clients.js';
import { serve } from '../../support/servers/serving.js';
import { openScenario, type Scenario } from '../scenario.js';

function checksOf(scenario: Scenario): SecretChecks {
  const { deps, store } = serve(scenario);
  return new SecretChecks({ ...deps, store });
}

describe('a check of found secrets', () => {
  it('calls a canary dead, and a forgery of it forged', async () => {
    const scenario = await openScenario();
    const canary = await scenario.issue({ canary: true, scopes: [] });
    const checked = await checksOf(scenario).check([canary, forged(canary)]);
    expect(checked.map(({ state }) => state)).toEqual(['dead', 'forged']);
  });

  it('hashes each secret once, and none that cannot be right', async () => {
    const scenario = await openScenario();
    const secret = await scenario.issue();
    const texts = [secret, secret, 'rubbish', secret];
    const checked = await checksOf(scenario).check(texts);
    expect(checked.map(({ state }) => state)).toEqual(['live', 'live', 'malformed', 'live']);
    expect(scenario.hasher.compared).toBe(1);
  });

  it('takes sixteen at a time, and refuses more until one is answered', async () => {
    const scenario = await openScenario();
    const secret = await scenario.issue();
    const checks = checksOf(scenario);
    const running = times(16).map(() => checks.check([secret]));
    await expect(checks.check([secret])).rejects.toThrow(failure('store_unavailable', /too many secrets/));
    await Promise.all(running);
    expect(await checks.check([secret])).toMatchObject([{ state: 'live' }]);
  });

  it('ends when the client has gone', async () => {
    const scenario = await openScenario();
    const secret = await scenario.issue();
    const answers = [false, true];
    const checked = await checksOf(scenario).check(
      [secret, forged(secret), 'rubbish'],
      () => answers.shift() ?? true,
    );
    expect(checked).toMatchObject([{ state: 'live' }]);
    expect(scenario.hasher.compared).toBe(1);
  });
});
