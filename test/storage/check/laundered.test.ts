import { describe, expect, it } from 'vitest';
import { editCredential } from '../../../src/usecases/credential/edit.js';
import { abortRotation } from '../../../src/usecases/rotation/end-rotation.js';
import { openScenario, REVOKE, type Scenario } from '../../usecases/scenario.js';

const HOUR = 3_600_000;

const NO_END =
  'retires_at = null, ended_at = null, ended_as = null, retired_by = null, retires_before = null';

async function differences({ files, clock }: Scenario): Promise<readonly string[]> {
  const found = await files.store.check(clock.now());
  return found.filter(({ check }) => check === 'trail').map(({ message }) => message);
}

/** Version 1 retired at the end of its grace, and version 2 is current. */
async function retired(): Promise<Scenario> {
  const scenario = await openScenario();
  await scenario.issue();
  await scenario.rotate({ supersede: { kind: 'grace', ms: HOUR } });
  await scenario.clock.advance(2 * HOUR);
  return scenario;
}

describe('changes by commands, after one past the program', () => {
  it('do not make true that a retired version works again', async () => {
    const scenario = await retired();
    await scenario.files.tamper(`update version set ${NO_END} where number = 1`);
    await scenario.rotate();
    expect(await differences(scenario)).toEqual([
      expect.stringMatching(/^the end of version 1 of ci-bot is at .*, but at /),
    ]);
  });

  it('nor by a rotation that is taken back', async () => {
    const scenario = await retired();
    await scenario.files.tamper(`update version set ${NO_END} where number = 1`);
    await scenario.files.tamper(
      'update version set retires_at = ? where number = 1',
      scenario.clock.now() + HOUR,
    );
    await abortRotation(scenario.process(), { reference: 'ci-bot', force: true });
    expect(await differences(scenario)).toEqual([
      expect.stringMatching(/^the end of version 1 of ci-bot is none, but at /),
    ]);
  });

  it('nor that a revoked one does', async () => {
    const scenario = await openScenario();
    await scenario.issue();
    await scenario.rotate({ supersede: REVOKE });
    await scenario.files.tamper('update version set revoked_at = null where number = 1');
    await scenario.rotate();
    expect(await differences(scenario)).toEqual([
      expect.stringMatching(/^the end of version 1 of ci-bot is at .*, but revoked at /),
    ]);
  });

  it('do not make scopes true that were widened, until they are replaced as a whole', async () => {
    const scenario = await openScenario();
    await scenario.issue({ scopes: ['data:users'] });
    await scenario.files.tamper(`update credential set scopes = '["data:conversations","data:users"]'`);
    const deps = scenario.process();
    const edit = (scopes: Parameters<typeof editCredential>[1]['scopes'] & {}) =>
      editCredential(deps, { reference: 'ci-bot', scopes });
    await edit({ add: ['events:messages'], remove: [] });
    expect(await differences(scenario)).toEqual([
      'the scopes of ci-bot are data:conversations data:users events:messages, but data:users events:messages according to the audit trail',
    ]);
    await edit({ add: [], remove: ['data:users'] });
    expect(await differences(scenario)).toEqual([
      'the scopes of ci-bot are data:conversations events:messages, but events:messages according to the audit trail',
    ]);
    await edit({ replace: ['data:conversations'] });
    expect(await differences(scenario)).toEqual([]);
  });

  it('leave a rotation that is taken back as it was', async () => {
    const scenario = await openScenario();
    await scenario.issue();
    for (const ms of [2 * HOUR, HOUR]) await scenario.rotate({ supersede: { kind: 'grace', ms } });
    await abortRotation(scenario.process(), { reference: 'ci-bot', force: true });
    expect(await differences(scenario)).toEqual([]);
  });
});
