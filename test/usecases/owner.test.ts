import { describe, expect, it } from 'vitest';
import { setCredentialStatus } from '../../src/usecases/credential/activation.js';
import { editCredential } from '../../src/usecases/credential/edit.js';
import {
  createOwner,
  deleteOwner,
  findOwner,
  renameOwner,
  setOwnerStatus,
} from '../../src/usecases/owner.js';
import { failure } from '../storage/fixtures.js';
import { START } from '../support/dependencies/fixed-clock.js';
import { openScenario, type Scenario } from './scenario.js';

async function withOwner(): Promise<{ scenario: Scenario; secret: string }> {
  const scenario = await openScenario();
  await createOwner(scenario.process(), { name: 'Team/CI', kind: 'service' });
  const secret = await scenario.issue({ owner: 'team/ci' });
  return { scenario, secret };
}

describe('owners', () => {
  it('are created once, whatever the case of the name', async () => {
    const { scenario } = await withOwner();
    expect(await findOwner(scenario.store, 'TEAM/CI')).toEqual({
      id: expect.any(String),
      name: 'Team/CI',
      kind: 'service',
      status: 'active',
      createdAt: START,
      createdBy: 'tester@here',
      updatedAt: START,
      credentials: 1,
    });
    const again = createOwner(scenario.process(), { name: 'team/CI', kind: 'user' });
    await expect(again).rejects.toEqual(failure('conflict', /the owner .* exists already/));
  });

  it('are found by their id as well', async () => {
    const { scenario } = await withOwner();
    const { id } = await findOwner(scenario.store, 'team/ci');
    expect(await findOwner(scenario.store, id.toUpperCase())).toMatchObject({ name: 'Team/CI' });
    await deleteOwner(scenario.process(), 'team/ci');
    await createOwner(scenario.process(), { name: 'Team/CI', kind: 'service' });
    await expect(deleteOwner(scenario.process(), id)).rejects.toEqual(failure('not_found'));
  });

  it('are renamed, which their credentials show', async () => {
    const { scenario, secret } = await withOwner();
    await createOwner(scenario.process(), { name: 'crm', kind: 'service' });
    const renamed = await renameOwner(scenario.process(), { name: 'team/ci', to: 'Builds' });
    expect(renamed).toMatchObject({ name: 'Builds', credentials: 1 });
    expect((await scenario.show()).owner?.name).toBe('Builds');
    expect(await scenario.use(secret)).toMatchObject({ valid: true });
    expect((await scenario.events()).at(-1)).toMatchObject({
      action: 'owner.edit',
      details: { name: { from: 'Team/CI', to: 'Builds' } },
    });
    const taken = renameOwner(scenario.process(), { name: 'builds', to: 'CRM' });
    await expect(taken).rejects.toEqual(failure('conflict'));
    expect(await renameOwner(scenario.process(), { name: 'builds', to: 'BUILDS' })).toMatchObject({
      name: 'BUILDS',
    });
  });

  it('stop all their credentials at once when switched off, and bring them back when switched on', async () => {
    const { scenario, secret } = await withOwner();
    const before = await scenario.show();
    await setOwnerStatus(scenario.process(), 'team/ci', 'inactive');
    expect(await scenario.use(secret)).toEqual({ valid: false, reason: 'owner_inactive' });
    expect((await scenario.show()).status).toBe('active');
    await setOwnerStatus(scenario.process(), 'team/ci', 'active');
    expect(await scenario.show()).toEqual(before);
    expect(await scenario.use(secret)).toMatchObject({ valid: true });
    expect((await scenario.actions()).slice(-2)).toEqual(['owner.deactivate', 'owner.activate']);
  });

  it('do not bring back a credential that was switched off itself', async () => {
    const { scenario, secret } = await withOwner();
    await setCredentialStatus(scenario.process(), 'ci-bot', 'inactive');
    await setOwnerStatus(scenario.process(), 'team/ci', 'inactive');
    await setOwnerStatus(scenario.process(), 'team/ci', 'active');
    expect(await scenario.use(secret)).toEqual({ valid: false, reason: 'inactive' });
  });

  it('stop their credentials for good when deleted, until someone reassigns and activates them', async () => {
    const { scenario, secret } = await withOwner();
    await deleteOwner(scenario.process(), 'team/ci');
    expect(await scenario.show()).toMatchObject({ status: 'inactive', owner: null });
    expect(await scenario.use(secret)).toEqual({ valid: false, reason: 'inactive' });
    await createOwner(scenario.process(), { name: 'Team/CI', kind: 'service' });
    expect(await scenario.show()).toMatchObject({ status: 'inactive', owner: null });
    await editCredential(scenario.process(), { reference: 'ci-bot', owner: 'team/ci' });
    await setCredentialStatus(scenario.process(), 'ci-bot', 'active');
    expect(await scenario.use(secret)).toMatchObject({ valid: true });
  });

  it('are named with what they stopped when deleted', async () => {
    const { scenario } = await withOwner();
    const { id } = await scenario.show();
    await deleteOwner(scenario.process(), 'team/ci');
    expect((await scenario.events()).at(-1)).toMatchObject({
      action: 'owner.delete',
      target: { kind: 'owner', name: 'Team/CI' },
      details: { credentials: [id] },
    });
  });

  it('change nothing when they are what they should be already', async () => {
    const { scenario } = await withOwner();
    const before = [await scenario.events(), await scenario.generation()];
    await setOwnerStatus(scenario.process(), 'team/ci', 'active');
    await renameOwner(scenario.process(), { name: 'team/ci', to: 'Team/CI' });
    expect([await scenario.events(), await scenario.generation()]).toEqual(before);
  });

  it('that do not exist are not found', async () => {
    const scenario = await openScenario();
    const deps = scenario.process();
    for (const attempt of [
      () => findOwner(scenario.store, 'nobody'),
      () => renameOwner(deps, { name: 'nobody', to: 'somebody' }),
      () => setOwnerStatus(deps, 'nobody', 'inactive'),
      () => deleteOwner(deps, 'nobody'),
    ]) {
      await expect(attempt()).rejects.toEqual(failure('not_found', /no owner "nobody"/));
    }
  });
});
