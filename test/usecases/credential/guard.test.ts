import { describe, expect, it } from 'vitest';
import { parseDuration } from '../../../src/domain/duration.js';
import { setCredentialStatus } from '../../../src/usecases/credential/activation.js';
import { deleteCredential } from '../../../src/usecases/credential/delete.js';
import { editCredential } from '../../../src/usecases/credential/edit.js';
import { stoppingAmong } from '../../../src/usecases/credential/stopping.js';
import { createOwner, setOwnerStatus } from '../../../src/usecases/owner.js';
import { failure } from '../../storage/fixtures.js';
import { openScenario, REVOKE } from '../scenario.js';

const HOUR = parseDuration('1h');
const guard = { unlessUsedWithin: HOUR };

describe('the revision that a change expects', () => {
  it('keeps every change of a credential that was edited since, and names both numbers', async () => {
    const scenario = await openScenario();
    await scenario.issue();
    await editCredential(scenario.process(), { reference: 'ci-bot', description: 'edited' });
    const before = [await scenario.show(), await scenario.events()];
    const deps = scenario.process();
    for (const attempt of [
      () => setCredentialStatus(deps, 'ci-bot', 'inactive', { ifRevision: 1 }),
      () => setCredentialStatus(deps, 'ci-bot', 'active', { ifRevision: 1 }),
      () => deleteCredential(deps, 'ci-bot', { ifRevision: 1 }),
      () => scenario.rotate({ ifRevision: 1 }),
    ]) {
      await expect(attempt()).rejects.toEqual(
        failure('conflict', /^ci-bot was edited: its revision is 2, not 1$/, /credctl show ci-bot/),
      );
    }
    expect([await scenario.show(), await scenario.events()]).toEqual(before);
  });

  it('lets a change go ahead that knows it, and a rotation does not count', async () => {
    const scenario = await openScenario();
    await scenario.issue();
    await scenario.rotate({ ifRevision: 1 });
    await scenario.rotate({ ifRevision: 1 });
    await setCredentialStatus(scenario.process(), 'ci-bot', 'inactive', { ifRevision: 1 });
    await setCredentialStatus(scenario.process(), 'ci-bot', 'active', { ifRevision: 2 });
    await deleteCredential(scenario.process(), 'ci-bot', { ifRevision: 3 });
    expect(await scenario.exists()).toBe(false);
  });

  it('holds in transaction A of a rotation, whatever the command saw before', async () => {
    const scenario = await openScenario();
    await scenario.issue();
    const edit = () => editCredential(scenario.process(), { reference: 'ci-bot', description: 'meanwhile' });
    const { fault, destination } = await scenario.tryRotate({
      ifRevision: 1,
      to: { meanwhile: { preflight: edit } },
    });
    expect(fault).toEqual(failure('conflict', /revision is 2, not 1/));
    expect(destination.deliveries).toEqual([]);
    expect(await scenario.states()).toEqual(['current']);
  });
});

describe('a guard of uses', () => {
  it('counts a look of an admin as none', async () => {
    const scenario = await openScenario();
    const secret = await scenario.issue();
    await scenario.look(secret);
    await setCredentialStatus(scenario.process(), 'ci-bot', 'inactive', guard);
    expect((await scenario.show()).status).toBe('inactive');
  });

  it('lets be stopped again what does not work, but not be deleted: it could come back', async () => {
    const scenario = await openScenario();
    await createOwner(scenario.process(), { name: 'crm', kind: 'service' });
    const secret = await scenario.issue({ owner: 'crm' });
    await scenario.use(secret);
    await setOwnerStatus(scenario.process(), 'crm', 'inactive');
    await setCredentialStatus(scenario.process(), 'ci-bot', 'inactive', guard);
    await expect(deleteCredential(scenario.process(), 'ci-bot', guard)).rejects.toEqual(failure('conflict'));
    scenario.clock.advance('1h');
    await deleteCredential(scenario.process(), 'ci-bot', guard);
  });

  it('of a rotation looks at the secrets that it would end, and at those alone', async () => {
    const scenario = await openScenario();
    await scenario.use(await scenario.issue());
    const { fault, destination } = await scenario.tryRotate({ supersede: REVOKE, ...guard });
    expect(fault).toEqual(failure('conflict', /^version 1 of ci-bot was last used \S+: within 1h$/));
    expect(destination.deliveries).toEqual([]);
    await scenario.rotate({ supersede: REVOKE });
    // Version 1, which was used, has ended; version 2 was not used.
    await scenario.rotate({ supersede: REVOKE, ...guard });
    expect(await scenario.states()).toEqual(['revoked', 'revoked', 'current']);
  });

  it('of a rotation holds in transaction A', async () => {
    const scenario = await openScenario();
    const secret = await scenario.issue();
    const to = { meanwhile: { preflight: () => scenario.use(secret) } };
    const { fault } = await scenario.tryRotate({ supersede: REVOKE, ...guard, to });
    expect(fault).toEqual(failure('conflict', /: within 1h/));
    expect(await scenario.states()).toEqual(['current']);
  });

  it('says nothing of a rotation that has nothing to do', async () => {
    const scenario = await openScenario();
    await scenario.use(await scenario.issue());
    const { result } = await scenario.tryRotate({ supersede: REVOKE, ...guard, ifOlderThan: HOUR });
    expect(result).toMatchObject({ rotated: false });
  });
});

describe('what stops', () => {
  it('is what works now: the latest five, and how many there are', async () => {
    const scenario = await openScenario();
    for (const name of ['a', 'b', 'c', 'd', 'e', 'f', 'never', 'off']) {
      const secret = await scenario.issue({ name });
      scenario.clock.advance('1s');
      if (name !== 'never') await scenario.use(secret);
    }
    await setCredentialStatus(scenario.process(), 'off', 'inactive');
    const pages = [
      await Promise.all(['a', 'b', 'never', 'off'].map((name) => scenario.show(name))),
      await Promise.all(['c', 'd', 'e', 'f'].map((name) => scenario.show(name))),
    ];
    const { count, latest } = await stoppingAmong(pages, scenario.clock.now());
    expect(count).toBe(7);
    expect(latest.map(({ name }) => name)).toEqual(['f', 'e', 'd', 'c', 'b']);
  });
});
