import { describe, expect, it } from 'vitest';
import { composeSecret } from '../../../src/domain/secret/secret-format.js';
import { setCredentialStatus } from '../../../src/usecases/credential/activation.js';
import { deleteCredential } from '../../../src/usecases/credential/delete.js';
import { editCredential } from '../../../src/usecases/credential/edit.js';
import { createOwner, setOwnerStatus } from '../../../src/usecases/owner.js';
import { finishRotation } from '../../../src/usecases/rotation/end-rotation.js';
import { forged } from '../../support/servers/clients.js';
import { serve } from '../../support/servers/serving.js';
import { DAY, openScenario, REVOKE } from '../scenario.js';

describe('a remembered secret', () => {
  it('costs one hash, however often and however many at once it is presented', async () => {
    const scenario = await openScenario();
    const secret = await scenario.issue();
    const serving = serve(scenario);
    const outcomes = await Promise.all(Array.from({ length: 20 }, () => serving.outcome(secret)));
    expect(new Set(outcomes)).toEqual(new Set(['accepted']));
    for (let n = 0; n < 100; n += 1) expect(await serving.outcome(secret)).toBe('accepted');
    expect(scenario.hasher.compared).toBe(1);
  });

  it('is answered without waiting for anything', async () => {
    const scenario = await openScenario();
    const secret = await scenario.issue();
    const serving = serve(scenario);
    await serving.outcome(secret);
    const answer = serving.verifier.verify({ secret, kinds: ['key'], clientId: null, address: '' });
    expect(answer).toMatchObject({ accepted: true, credential: { name: 'ci-bot' }, scopes: ['data:users'] });
  });

  it('does not make another secret with the same public part good', async () => {
    const scenario = await openScenario();
    const secret = await scenario.issue();
    const serving = serve(scenario);
    expect(await serving.outcome(secret)).toBe('accepted');
    expect(await serving.outcome(forged(secret))).toBe('wrong_secret');
    expect(await serving.outcome(`${secret.slice(0, -1)}${secret.endsWith('0') ? '1' : '0'}`)).toBe(
      'malformed',
    );
    expect(await serving.outcome(secret)).toBe('accepted');
    expect(scenario.hasher.compared).toBe(2);
  });
});

describe('a change by another process', () => {
  it('stops a remembered secret with the next request', async () => {
    const scenario = await openScenario();
    await createOwner(scenario.process(), { name: 'crm', kind: 'service' });
    const secret = await scenario.issue({ owner: 'crm' });
    const serving = serve(scenario);
    const admin = scenario.process();
    expect(await serving.outcome(secret)).toBe('accepted');
    await setCredentialStatus(admin, 'ci-bot', 'inactive');
    expect(await serving.outcome(secret)).toBe('inactive');
    await setCredentialStatus(admin, 'ci-bot', 'active');
    expect(await serving.outcome(secret)).toBe('accepted');
    await setOwnerStatus(admin, 'crm', 'inactive');
    expect(await serving.outcome(secret)).toBe('owner_inactive');
    await setOwnerStatus(admin, 'crm', 'active');
    expect(await serving.outcome(secret)).toBe('accepted');
    await editCredential(admin, { reference: 'ci-bot', scopes: { replace: ['data:conversations'] } });
    expect(await serving.principal(secret)).toMatchObject({ scopes: ['data:conversations'] });
    await deleteCredential(admin, 'ci-bot');
    expect(await serving.outcome(secret)).toBe('unknown');
  });

  it('counts for a secret that was being compared when it was made, and for those who wait with it', async () => {
    const scenario = await openScenario();
    const other = await scenario.issue({ name: 'other' });
    const secret = await scenario.issue();
    const admin = scenario.process();
    const outcomesAfter = async (change: () => Promise<unknown>) => {
      const serving = serve(scenario);
      // Catalog and settings are known from then on.
      await serving.outcome(other);
      scenario.hasher.meanwhile = change;
      return Promise.all([serving.answer(secret), serving.answer(secret)]);
    };
    const both = (expected: object) => [expect.objectContaining(expected), expect.objectContaining(expected)];
    const edit = { reference: 'ci-bot', scopes: { replace: ['data:conversations'] } } as const;
    expect(await outcomesAfter(() => editCredential(admin, edit))).toEqual(
      both({ accepted: true, scopes: ['data:conversations'] }),
    );
    expect(await outcomesAfter(() => setCredentialStatus(admin, 'other', 'inactive'))).toEqual(
      both({ accepted: true, scopes: ['data:conversations'] }),
    );
    expect(await outcomesAfter(() => setCredentialStatus(admin, 'ci-bot', 'inactive'))).toEqual(
      both({ accepted: false, reason: 'inactive' }),
    );
    await setCredentialStatus(admin, 'ci-bot', 'active');
    expect(await outcomesAfter(() => scenario.rotate({ supersede: REVOKE }))).toEqual(
      both({ accepted: false, reason: 'version_retired' }),
    );
    expect(await outcomesAfter(() => deleteCredential(admin, 'ci-bot'))).toEqual(
      both({ accepted: false, reason: 'unknown' }),
    );
  });

  it('rotates at once: the old secret is retired, the new one is good', async () => {
    const scenario = await openScenario();
    const old = await scenario.issue();
    const serving = serve(scenario);
    expect(await serving.outcome(old)).toBe('accepted');
    const fresh = await scenario.rotate({ supersede: REVOKE });
    expect(await serving.outcome(old)).toBe('version_retired');
    expect(await serving.outcome(fresh)).toBe('accepted');
  });

  it('is judged as that command finds it: a grace that is finished ends', async () => {
    const scenario = await openScenario();
    const old = await scenario.issue();
    const serving = serve(scenario);
    await scenario.rotate();
    expect(await serving.outcome(old)).toBe('accepted');
    await serving.verifier.uses.flush();
    await finishRotation(scenario.process(), { reference: 'ci-bot', force: true });
    expect(await serving.outcome(old)).toBe('version_retired');
  });
});

describe('time', () => {
  it('ends what nobody has changed: expiry and the end of a grace', async () => {
    const scenario = await openScenario();
    const secret = await scenario.issue({ expiresAt: scenario.clock.now() + 2 * DAY });
    const serving = serve(scenario);
    const generation = await scenario.generation();
    expect(await serving.outcome(secret)).toBe('accepted');
    await scenario.rotate();
    expect(await serving.outcome(secret)).toBe('accepted');
    scenario.clock.advance(DAY - 1);
    expect(await serving.outcome(secret)).toBe('accepted');
    scenario.clock.advance(1);
    expect(await serving.outcome(secret)).toBe('version_retired');
    expect(await scenario.generation()).toBeGreaterThan(generation);
    const other = await scenario.issue({ name: 'other', expiresAt: scenario.clock.now() + 5_000 });
    expect(await serving.outcome(other)).toBe('accepted');
    scenario.clock.advance(5_000);
    expect(await serving.outcome(other)).toBe('expired');
  });
});

describe('the first use of a secret whose delivery was cut off', () => {
  it('is on the disk before it is answered, and keeps the version from lapsing', async () => {
    const scenario = await openScenario();
    const { secret } = await scenario.tryIssue({ by: { diesAt: 'delivered' } });
    const serving = serve(scenario);
    expect(await scenario.states()).toEqual(['pending']);
    expect(await serving.outcome(secret)).toBe('accepted');
    expect(serving.verifier.uses.pending()).toBe(0);
    expect(await scenario.show()).toMatchObject({ versions: [{ firstUsedAt: scenario.clock.now() }] });
    scenario.clock.advance('11m');
    expect(await serving.outcome(secret)).toBe('accepted');
    expect(await scenario.states()).toEqual(['pending']);
  });

  it('is refused after ten minutes, and does not bring the version back', async () => {
    const scenario = await openScenario();
    const { secret } = await scenario.tryIssue({ by: { diesAt: 'delivered' } });
    const serving = serve(scenario);
    scenario.clock.advance('10m');
    expect(await serving.outcome(secret)).toBe('version_retired');
    expect(await scenario.states()).toEqual(['lapsed']);
  });

  it('is refused when the store cannot note it', async () => {
    const scenario = await openScenario();
    const { secret } = await scenario.tryIssue({ by: { diesAt: 'delivered' } });
    await scenario.files.tamper(
      "create trigger full before insert on last_use begin select raise(abort, 'full'); end",
    );
    const serving = serve(scenario);
    await expect(serving.outcome(secret)).rejects.toThrow('contradicts itself');
    await scenario.files.tamper('drop trigger full');
    expect(await serving.outcome(secret)).toBe('accepted');
  });
});

describe('a secret that cannot be good', () => {
  it('does not reach the store while its checksum is wrong', async () => {
    const scenario = await openScenario();
    const secret = await scenario.issue();
    const serving = serve(scenario);
    await serving.store.close();
    expect(await serving.outcome(secret.replace(/.$/, (last) => (last === '0' ? '1' : '0')))).toBe(
      'malformed',
    );
    expect(await serving.outcome('')).toBe('malformed');
    expect(await serving.outcome('x'.repeat(10_000))).toBe('malformed');
  });

  it('costs a comparison although nobody has its public part', async () => {
    const scenario = await openScenario();
    const serving = serve(scenario);
    expect(await serving.outcome(composeSecret('cctl', 'key', 'NobodyHasIt0', 'y'.repeat(43)))).toBe(
      'unknown',
    );
    expect(scenario.hasher.comparedWithNothing).toBe(1);
  });

  it('is unknown where its kind or its client is not meant, and costs the same', async () => {
    const scenario = await openScenario();
    const key = await scenario.issue();
    const client = await scenario.issue({ name: 'client', type: 'oauth2' });
    const { clientId } = await scenario.show('client');
    const serving = serve(scenario);
    expect(await serving.outcome(key, { kinds: ['sec'] })).toBe('unknown');
    expect(await serving.outcome(client, { kinds: ['key', 'tok'] })).toBe('unknown');
    expect(await serving.outcome(client, { clientId: 'cctl_id_0123456789ABCDEF' })).toBe('unknown');
    expect(await serving.outcome(client, { clientId: clientId ?? '' })).toBe('accepted');
    expect(await serving.outcome(client, { clientId: 'cctl_id_0123456789ABCDEF' })).toBe('unknown');
    expect(await serving.outcome(client, { kinds: ['key'] })).toBe('unknown');
    expect(scenario.hasher.compared).toBe(6);
  });
});
