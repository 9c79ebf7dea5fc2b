import { describe, expect, it } from 'vitest';
import type { Standing } from '../../../src/domain/scan/finding.js';
import { composeSecret, parseSecret } from '../../../src/domain/secret/secret-format.js';
import { setCredentialStatus } from '../../../src/usecases/credential/activation.js';
import { deleteCredential } from '../../../src/usecases/credential/delete.js';
import { createOwner, setOwnerStatus } from '../../../src/usecases/owner.js';
import { identify } from '../../../src/usecases/scan/identify.js';
import { START } from '../../support/dependencies/fixed-clock.js';
import { issueToken } from '../issued-token.js';
import { DAY, GRACE_24H, openScenario, REVOKE, type Scenario } from '../scenario.js';

function standingOf(scenario: Scenario, secret: string): Promise<Standing> {
  const parsed = parseSecret(secret);
  if (parsed === null) throw new TypeError('no secret');
  return identify(scenario.process(), parsed);
}

/** The state, with the reason where there is one. */
async function stateOf(scenario: Scenario, secret: string): Promise<string> {
  const standing = await standingOf(scenario, secret);
  return 'reason' in standing ? `${standing.state}: ${standing.reason}` : standing.state;
}

describe('a secret that was found', () => {
  it('is live as long as it would authenticate, and dead with the reason after that', async () => {
    const scenario = await openScenario();
    await createOwner(scenario.process(), { name: 'ci', kind: 'service' });
    const first = await scenario.issue({ owner: 'ci', expiresAt: START + 90 * DAY });
    expect(await standingOf(scenario, first)).toMatchObject({
      state: 'live',
      credential: { name: 'ci-bot', owner: { name: 'ci' } },
      version: { number: 1 },
    });
    const second = await scenario.rotate({ supersede: GRACE_24H });
    expect(await stateOf(scenario, first)).toBe('live');
    scenario.clock.advance(DAY);
    expect(await stateOf(scenario, first)).toBe('dead: version_retired');
    const third = await scenario.rotate({ supersede: REVOKE });
    expect(await stateOf(scenario, second)).toBe('dead: version_retired');
    await setCredentialStatus(scenario.process(), 'ci-bot', 'inactive');
    expect(await stateOf(scenario, third)).toBe('dead: inactive');
    await setCredentialStatus(scenario.process(), 'ci-bot', 'active');
    await setOwnerStatus(scenario.process(), 'ci', 'inactive');
    expect(await stateOf(scenario, third)).toBe('dead: owner_inactive');
    await setOwnerStatus(scenario.process(), 'ci', 'active');
    scenario.clock.advance(89 * DAY);
    expect(await stateOf(scenario, third)).toBe('dead: expired');
    await deleteCredential(scenario.process(), 'ci-bot');
    expect(await standingOf(scenario, third)).toMatchObject({
      state: 'dead',
      reason: 'deleted',
      credential: { name: 'ci-bot' },
    });
  });

  it('is live while it is being delivered', async () => {
    const scenario = await openScenario();
    const states: string[] = [];
    const deliver = async (secret: string) => states.push(await stateOf(scenario, secret));
    await scenario.issue({ to: { meanwhile: { deliver } } });
    expect(states).toEqual(['live']);
  });

  it('is forged with a known handle and another secret, whatever became of the version', async () => {
    const scenario = await openScenario();
    const id = parseSecret(await scenario.issue())?.id ?? '';
    const forged = composeSecret('cctl', 'key', id, 'f'.repeat(43));
    expect(await standingOf(scenario, forged)).toMatchObject({
      state: 'forged',
      credential: { name: 'ci-bot' },
    });
    await setCredentialStatus(scenario.process(), 'ci-bot', 'inactive');
    expect(await stateOf(scenario, forged)).toBe('forged');
  });

  it('is foreign where the store does not know its handle', async () => {
    const scenario = await openScenario();
    const secret = await scenario.issue();
    const id = parseSecret(secret)?.id ?? '';
    const rest = parseSecret(secret)?.secret ?? '';
    for (const other of [
      composeSecret('cctl', 'key', '0'.repeat(12), rest),
      composeSecret('acme', 'key', id, rest),
      composeSecret('cctl', 'sec', id, rest),
      composeSecret('cctl', 'tok', id, rest),
    ]) {
      expect(await stateOf(scenario, other)).toBe('foreign');
    }
  });

  it('may be an access token', async () => {
    const scenario = await openScenario();
    await scenario.issue({ type: 'oauth2', scopes: ['data:users'] });
    const token = await issueToken(scenario, ['data:users']);
    expect(await standingOf(scenario, token)).toMatchObject({
      state: 'live',
      credential: { name: 'ci-bot' },
    });
    const forged = composeSecret('cctl', 'tok', parseSecret(token)?.id ?? '', 'f'.repeat(43));
    expect(await stateOf(scenario, forged)).toBe('forged');
    scenario.clock.advance(DAY);
    expect(await stateOf(scenario, token)).toBe('dead: expired');
  });

  it('is only looked at: no use, no receipt, no event', async () => {
    const scenario = await openScenario();
    const secret = await scenario.issue();
    const [before, events] = [await scenario.show(), await scenario.events()];
    scenario.clock.advance(DAY);
    await standingOf(scenario, secret);
    expect(await scenario.show()).toEqual(before);
    expect(await scenario.events()).toEqual(events);
  });
});
