import { describe, expect, it } from 'vitest';
import { composeSecret, parseSecret } from '../../../src/domain/secret-format.js';
import { setCredentialStatus } from '../../../src/usecases/activation.js';
import { deleteCredential } from '../../../src/usecases/delete.js';
import { editCredential } from '../../../src/usecases/edit.js';
import { createOwner, setOwnerStatus } from '../../../src/usecases/owner.js';
import { finishRotation } from '../../../src/usecases/rotation-steps.js';
import { serve } from '../../support/serving.js';
import { DAY, openScenario, REVOKE } from '../scenario.js';

/** The same public part, another secret, and a right checksum. */
function forged(secret: string, filler = 'x'): string {
  const parsed = parseSecret(secret);
  if (parsed === null) throw new Error('no secret');
  return composeSecret(parsed.prefix, parsed.kind, parsed.id, filler.repeat(43));
}

describe('a remembered secret', () => {
  it('costs one hash, however often and however many at once it is presented', async () => {
    const scenario = await openScenario();
    const secret = await scenario.issue();
    const serving = serve(scenario);
    const outcomes = await Promise.all(Array.from({ length: 20 }, () => serving.outcome(secret)));
    expect(new Set(outcomes)).toEqual(new Set(['granted']));
    for (let n = 0; n < 100; n += 1) expect(await serving.outcome(secret)).toBe('granted');
    expect(scenario.hasher.compared).toBe(1);
  });

  it('is answered without waiting for anything', async () => {
    const scenario = await openScenario();
    const secret = await scenario.issue();
    const serving = serve(scenario);
    await serving.outcome(secret);
    const answer = serving.verifier.verify({ secret, kinds: ['key'], clientId: null, address: '' });
    expect(answer).toMatchObject({ granted: true, credential: { name: 'ci-bot' }, scopes: ['data:users'] });
  });

  it('does not make another secret with the same public part good', async () => {
    const scenario = await openScenario();
    const secret = await scenario.issue();
    const serving = serve(scenario);
    expect(await serving.outcome(secret)).toBe('granted');
    expect(await serving.outcome(forged(secret))).toBe('wrong_secret');
    expect(await serving.outcome(`${secret.slice(0, -1)}${secret.endsWith('0') ? '1' : '0'}`)).toBe(
      'malformed',
    );
    expect(await serving.outcome(secret)).toBe('granted');
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
    expect(await serving.outcome(secret)).toBe('granted');
    await setCredentialStatus(admin, 'ci-bot', 'inactive');
    expect(await serving.outcome(secret)).toBe('inactive');
    await setCredentialStatus(admin, 'ci-bot', 'active');
    expect(await serving.outcome(secret)).toBe('granted');
    await setOwnerStatus(admin, 'crm', 'inactive');
    expect(await serving.outcome(secret)).toBe('owner_inactive');
    await setOwnerStatus(admin, 'crm', 'active');
    expect(await serving.outcome(secret)).toBe('granted');
    await editCredential(admin, { reference: 'ci-bot', scopes: { replace: ['data:conversations'] } });
    expect(await serving.grant(secret)).toMatchObject({ scopes: ['data:conversations'] });
    await deleteCredential(admin, 'ci-bot');
    expect(await serving.outcome(secret)).toBe('unknown');
  });

  it('rotates at once: the old secret is retired, the new one is good', async () => {
    const scenario = await openScenario();
    const old = await scenario.issue();
    const serving = serve(scenario);
    expect(await serving.outcome(old)).toBe('granted');
    const fresh = await scenario.rotate({ supersede: REVOKE });
    expect(await serving.outcome(old)).toBe('version_retired');
    expect(await serving.outcome(fresh)).toBe('granted');
  });

  it('is judged as that command finds it: a grace that is finished ends', async () => {
    const scenario = await openScenario();
    const old = await scenario.issue();
    const serving = serve(scenario);
    await scenario.rotate();
    expect(await serving.outcome(old)).toBe('granted');
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
    expect(await serving.outcome(secret)).toBe('granted');
    await scenario.rotate();
    expect(await serving.outcome(secret)).toBe('granted');
    scenario.clock.advance(DAY - 1);
    expect(await serving.outcome(secret)).toBe('granted');
    scenario.clock.advance(1);
    expect(await serving.outcome(secret)).toBe('version_retired');
    expect(await scenario.generation()).toBeGreaterThan(generation);
    const other = await scenario.issue({ name: 'other', expiresAt: scenario.clock.now() + 5_000 });
    expect(await serving.outcome(other)).toBe('granted');
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
    expect(await serving.outcome(secret)).toBe('granted');
    expect(serving.verifier.uses.pending()).toBe(0);
    expect(await scenario.show()).toMatchObject({ versions: [{ firstUsedAt: scenario.clock.now() }] });
    scenario.clock.advance('11m');
    expect(await serving.outcome(secret)).toBe('granted');
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
    await expect(serving.outcome(secret)).rejects.toThrow('full');
    await scenario.files.tamper('drop trigger full');
    expect(await serving.outcome(secret)).toBe('granted');
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
    expect(await serving.outcome(client, { clientId: clientId ?? '' })).toBe('granted');
    expect(await serving.outcome(client, { clientId: 'cctl_id_0123456789ABCDEF' })).toBe('unknown');
    expect(await serving.outcome(client, { kinds: ['key'] })).toBe('unknown');
    expect(scenario.hasher.compared).toBe(6);
  });
});

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
    await expect(serving.verifier.uses.flush()).rejects.toThrow('full');
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
      expect(await serving.outcome(secret)).toBe('granted');
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
