import { describe, expect, it } from 'vitest';
import { editWithStatus } from '../../../src/usecases/credential/edit-with-status.js';
import { failure } from '../../storage/fixtures.js';
import { openScenario } from '../scenario.js';

describe('an edit together with the status', () => {
  it('makes both, each with its event and revision', async () => {
    const scenario = await openScenario();
    await scenario.issue();
    const edit = { reference: 'ci-bot', description: 'new', ifRevision: 1 };
    const edited = await editWithStatus(scenario.process(), edit, 'inactive');
    expect(edited).toMatchObject({
      credential: { description: 'new', status: 'inactive', revision: 3 },
      changed: true,
      statusChanged: true,
      details: { description: { from: null, to: 'new' } },
    });
    expect((await scenario.actions()).slice(-2)).toEqual(['credential.edit', 'credential.deactivate']);
  });

  it('changes the status alone where nothing else is different, and nothing where it is the same', async () => {
    const scenario = await openScenario();
    await scenario.issue();
    const edit = { reference: 'ci-bot' };
    expect(await editWithStatus(scenario.process(), edit, 'inactive')).toMatchObject({
      credential: { revision: 2 },
      changed: true,
      statusChanged: true,
    });
    expect(await editWithStatus(scenario.process(), edit, 'inactive')).toMatchObject({
      credential: { revision: 2 },
      changed: false,
      statusChanged: false,
    });
    expect((await scenario.actions()).slice(-1)).toEqual(['credential.deactivate']);
  });

  it('makes neither where one is refused', async () => {
    const scenario = await openScenario();
    await scenario.issue();
    await scenario.issue({ name: 'other' });
    const before = [await scenario.show(), await scenario.events()];
    const attempts = [
      { change: { name: 'other' }, fault: failure('conflict', /"other" is taken/) },
      { change: { description: 'x', ifRevision: 9 }, fault: failure('conflict', /revision is 1, not 9/) },
      { change: { scopes: { replace: ['no:such'] } }, fault: failure('usage', /no/) },
    ];
    for (const { change, fault } of attempts) {
      const edit = { reference: 'ci-bot', ...change };
      await expect(editWithStatus(scenario.process(), edit, 'inactive')).rejects.toEqual(fault);
    }
    expect([await scenario.show(), await scenario.events()]).toEqual(before);
  });
});
