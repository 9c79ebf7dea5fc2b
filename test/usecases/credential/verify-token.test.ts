import { describe, expect, it } from 'vitest';
import { composeSecret } from '../../../src/domain/secret/secret-format.js';
import { setCredentialStatus } from '../../../src/usecases/credential/activation.js';
import { deleteCredential } from '../../../src/usecases/credential/delete.js';
import { editCredential } from '../../../src/usecases/credential/edit.js';
import { verify } from '../../../src/usecases/credential/verify.js';
import { createOwner, setOwnerStatus } from '../../../src/usecases/owner.js';
import { START } from '../../support/dependencies/fixed-clock.js';
import { issueToken, LIFETIME } from '../issued-token.js';
import { openScenario, REVOKE, type Scenario } from '../scenario.js';

const OAUTH = { type: 'oauth2', scopes: ['data:*', 'events:messages'] } as const;

async function reasonOf(scenario: Scenario, token: string, scopes: readonly string[] = []): Promise<string> {
  const verdict = await scenario.use(token, scopes);
  return verdict.valid ? 'valid' : verdict.reason;
}

describe('an access token', () => {
  it('is valid until it expires, and counts as a use', async () => {
    const scenario = await openScenario();
    await scenario.issue(OAUTH);
    const token = await issueToken(scenario, ['data:users']);
    const usedAt = scenario.clock.advance(LIFETIME - 1);
    expect(await scenario.use(token, ['data:users'])).toMatchObject({
      valid: true,
      credential: { name: 'ci-bot' },
      version: { number: 1 },
    });
    expect(await scenario.show()).toMatchObject({ lastUsedAt: usedAt, versions: [{ lastUsedAt: usedAt }] });
    scenario.clock.advance(1);
    expect(await reasonOf(scenario, token)).toBe('expired');
  });

  it('has its own scopes, not those of the credential', async () => {
    const scenario = await openScenario();
    await scenario.issue(OAUTH);
    const token = await issueToken(scenario, ['data:users']);
    expect(await reasonOf(scenario, token, ['data:users'])).toBe('valid');
    expect(await reasonOf(scenario, token, ['events:messages'])).toBe('insufficient_scope');
  });

  it('loses the scopes that the credential loses, and stops when none is left', async () => {
    const scenario = await openScenario();
    await scenario.issue(OAUTH);
    const token = await issueToken(scenario, ['data:users', 'events:messages']);
    const hold = (...scopes: readonly string[]) =>
      editCredential(scenario.process(), { reference: 'ci-bot', scopes: { replace: scopes } });
    await hold('data:*');
    expect(await reasonOf(scenario, token, ['data:users'])).toBe('valid');
    expect(await reasonOf(scenario, token, ['events:messages'])).toBe('insufficient_scope');
    await hold('data:conversations');
    expect(await reasonOf(scenario, token)).toBe('insufficient_scope');
  });

  it('is unknown or wrong like any other secret', async () => {
    const scenario = await openScenario();
    await scenario.issue(OAUTH);
    const token = await issueToken(scenario, ['data:users']);
    const id = token.slice('cctl_tok_'.length, 'cctl_tok_'.length + 12);
    expect(await reasonOf(scenario, composeSecret('cctl', 'tok', id, 'W'.repeat(43)))).toBe('wrong_secret');
    expect(await reasonOf(scenario, composeSecret('acme', 'tok', id, 'S'.repeat(43)))).toBe('unknown');
    expect(await reasonOf(scenario, composeSecret('cctl', 'key', id, 'S'.repeat(43)))).toBe('unknown');
    const clientId = 'cctl_id_0123456789ABCDEF';
    const verdict = await verify(scenario.process(), {
      secret: token,
      clientId,
      scopes: [],
      recordUse: false,
    });
    expect(verdict).toEqual({ valid: false, reason: 'unknown' });
  });

  it('stops with the version that it was obtained with', async () => {
    const scenario = await openScenario();
    await scenario.issue(OAUTH);
    const token = await issueToken(scenario, ['data:users']);
    await scenario.rotate({ supersede: REVOKE });
    expect(await reasonOf(scenario, token)).toBe('version_retired');
  });

  it('stops with the credential, and with the owner', async () => {
    const scenario = await openScenario();
    await createOwner(scenario.process(), { name: 'ci', kind: 'service' });
    await scenario.issue({ ...OAUTH, owner: 'ci', expiresAt: START + 10 });
    const token = await issueToken(scenario, ['data:users']);
    await setOwnerStatus(scenario.process(), 'ci', 'inactive');
    expect(await reasonOf(scenario, token)).toBe('owner_inactive');
    await setCredentialStatus(scenario.process(), 'ci-bot', 'inactive');
    expect(await reasonOf(scenario, token)).toBe('inactive');
    await setCredentialStatus(scenario.process(), 'ci-bot', 'active');
    await setOwnerStatus(scenario.process(), 'ci', 'active');
    scenario.clock.advance(10);
    expect(await reasonOf(scenario, token)).toBe('expired');
    await deleteCredential(scenario.process(), 'ci-bot');
    expect(await reasonOf(scenario, token)).toBe('unknown');
  });

  it('that has expired names the reason that comes first, as for any secret', async () => {
    const scenario = await openScenario();
    await scenario.issue(OAUTH);
    const token = await issueToken(scenario, ['data:users']);
    scenario.clock.advance(LIFETIME);
    await setCredentialStatus(scenario.process(), 'ci-bot', 'inactive');
    expect(await reasonOf(scenario, token)).toBe('inactive');
    await scenario.rotate({ supersede: REVOKE });
    expect(await reasonOf(scenario, token)).toBe('version_retired');
  });
});
