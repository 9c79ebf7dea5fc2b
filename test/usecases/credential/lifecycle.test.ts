import { describe, expect, it } from 'vitest';
import { parseSecret } from '../../../src/domain/secret/secret-format.js';
import { setCredentialStatus } from '../../../src/usecases/credential/activation.js';
import { deleteCredential } from '../../../src/usecases/credential/delete.js';
import { failure } from '../../storage/fixtures.js';
import { START } from '../../support/dependencies/fixed-clock.js';
import { openScenario } from '../scenario.js';

describe('deactivating a credential', () => {
  it('stops it at once, and activating brings it back', async () => {
    const scenario = await openScenario();
    const secret = await scenario.issue();
    const off = await setCredentialStatus(scenario.process(), 'CI-bot', 'inactive');
    expect(off).toMatchObject({ credential: { status: 'inactive', revision: 2 }, changed: true });
    expect(await scenario.use(secret)).toEqual({ valid: false, reason: 'inactive' });
    const on = await setCredentialStatus(scenario.process(), 'ci-bot', 'active');
    expect(on).toMatchObject({ credential: { status: 'active', revision: 3 }, changed: true });
    expect(await scenario.use(secret)).toMatchObject({ valid: true });
    expect((await scenario.actions()).slice(-2)).toEqual(['credential.deactivate', 'credential.activate']);
  });

  it('changes nothing the second time', async () => {
    const scenario = await openScenario();
    await scenario.issue();
    await setCredentialStatus(scenario.process(), 'ci-bot', 'inactive');
    const before = [await scenario.show(), await scenario.events(), await scenario.generation()];
    const again = await setCredentialStatus(scenario.process(), 'ci-bot', 'inactive');
    expect(again).toMatchObject({ credential: { status: 'inactive' }, changed: false });
    expect([await scenario.show(), await scenario.events(), await scenario.generation()]).toEqual(before);
  });

  it('is possible while a version is retiring or pending, and leaves the versions alone', async () => {
    const scenario = await openScenario();
    await scenario.issue();
    await scenario.rotate();
    await scenario.tryRotate({
      supersede: { kind: 'revoke' },
      by: { diesAt: 'committed' },
      to: { replaces: true },
    });
    await setCredentialStatus(scenario.process(), 'ci-bot', 'inactive');
    expect(await scenario.states()).toEqual(['retiring', 'current', 'pending']);
  });

  it('of nobody is not found', async () => {
    const scenario = await openScenario();
    const attempt = setCredentialStatus(scenario.process(), 'nobody', 'inactive');
    await expect(attempt).rejects.toEqual(failure('not_found', /nobody/, /credctl list/));
  });
});

describe('deleting a credential', () => {
  it('refuses its secrets from that moment, and knows whose they were and since when', async () => {
    const scenario = await openScenario();
    const secrets = [await scenario.issue(), await scenario.rotate()];
    const { id } = await scenario.show();
    await deleteCredential(scenario.process(), 'ci-bot');
    const credential = { id, name: 'ci-bot', deletedAt: scenario.clock.now() };
    scenario.clock.advance('1d');
    for (const secret of secrets) {
      expect(await scenario.use(secret)).toEqual({ valid: false, reason: 'deleted', credential });
      expect(await scenario.look(secret)).toEqual({ valid: false, reason: 'deleted', credential });
    }
    expect(await scenario.exists()).toBe(false);
    // The name may be used again: another credential.
    await scenario.issue();
    expect(await scenario.look(secrets[0] ?? '')).toEqual({ valid: false, reason: 'deleted', credential });
  });

  it('leaves a tombstone of the ids, and an event that says what it was', async () => {
    const scenario = await openScenario();
    const secret = await scenario.issue({ type: 'oauth2', scopes: ['data:*'] });
    const { id, clientId } = await scenario.show();
    await deleteCredential(scenario.process({ reason: 'ticket 42', actor: 'alice@laptop' }), clientId ?? '');
    expect((await scenario.events()).at(-1)).toMatchObject({
      actor: 'alice@laptop',
      reason: 'ticket 42',
      action: 'credential.delete',
      target: { kind: 'credential', id, name: 'ci-bot' },
      details: { type: 'oauth2', client_id: clientId, scopes: ['data:*'], owner: null },
    });
    expect(await scenario.files.ask('select * from tombstone')).toEqual([
      {
        credential_id: id,
        client_id: clientId,
        version_ids: JSON.stringify([parseSecret(secret)?.id]),
        deleted_at: START,
      },
    ]);
  });

  it('frees the name for another credential, which the old secret does not open', async () => {
    const scenario = await openScenario();
    const old = await scenario.issue();
    const { id } = await deleteCredential(scenario.process(), 'ci-bot');
    const secret = await scenario.issue();
    expect((await scenario.show()).id).not.toBe(id);
    expect([await scenario.accepts(old), await scenario.accepts(secret)]).toEqual([false, true]);
  });

  it('of nobody is not found, also the second time', async () => {
    const scenario = await openScenario();
    await scenario.issue();
    await deleteCredential(scenario.process(), 'ci-bot');
    await expect(deleteCredential(scenario.process(), 'ci-bot')).rejects.toEqual(failure('not_found'));
  });
});
