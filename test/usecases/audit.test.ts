import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { AuditAction } from '../../src/domain/audit-event.js';
import { PRESETS } from '../../src/domain/scope/presets.js';
import { parseSecret } from '../../src/domain/secret/secret-format.js';
import { replaceCatalog } from '../../src/usecases/catalog.js';
import { setCredentialStatus } from '../../src/usecases/credential/activation.js';
import { deleteCredential } from '../../src/usecases/credential/delete.js';
import { editCredential } from '../../src/usecases/credential/edit.js';
import { createOwner, deleteOwner, renameOwner, setOwnerStatus } from '../../src/usecases/owner.js';
import { abortRotation, finishRotation, resumeRotation } from '../../src/usecases/rotation/end-rotation.js';
import { setHashPolicy } from '../../src/usecases/store/hash-policy.js';
import { everything, existing } from '../storage/contract/opened.js';
import type { ProcessOptions, TestProcess } from '../support/dependencies/dependencies.js';
import { AdvancingClock } from '../support/dependencies/fixed-clock.js';
import { openScenario, type Scenario } from './scenario.js';

type Work = (scenario: Scenario, by: TestProcess) => Promise<unknown>;

const CI_BOT = { reference: 'ci-bot', force: false } as const;

const issue: Work = (scenario) => scenario.issue();
const rotateOnce: Work = async (scenario) => [await scenario.issue(), await scenario.rotate()];
const cutOff: Work = async (scenario) => [
  await scenario.issue(),
  await scenario.tryRotate({ by: { diesAt: 'committed' }, to: { replaces: true } }),
];
const lapsed: Work = async (scenario) => {
  await scenario.tryIssue({ by: { diesAt: 'committed' } });
  scenario.clock.advance('10m');
};
const owner: Work = (_scenario, by) => createOwner(by, { name: 'ci', kind: 'service' });
const nothing: Work = async () => {};

async function thrown(attempt: Promise<{ readonly fault: unknown }>): Promise<void> {
  const { fault } = await attempt;
  if (fault !== null) throw fault;
}

/** Every change: the event that must go with it, what has to be there before, and the change itself. */
const CHANGES: readonly (readonly [AuditAction, Work, Work])[] = [
  ['credential.create', nothing, (scenario, by) => thrown(scenario.tryIssue({ by }))],
  ['credential.rotate', issue, (scenario, by) => thrown(scenario.tryRotate({ by }))],
  ['credential.rotate.deliver', cutOff, (_scenario, by) => resumeRotation(by, CI_BOT)],
  ['credential.rotate.finish', rotateOnce, (_scenario, by) => finishRotation(by, CI_BOT)],
  ['credential.rotate.abort', rotateOnce, (_scenario, by) => abortRotation(by, CI_BOT)],
  [
    'credential.edit',
    issue,
    (_scenario, by) => editCredential(by, { reference: 'ci-bot', description: 'new' }),
  ],
  ['credential.deactivate', issue, (_scenario, by) => setCredentialStatus(by, 'ci-bot', 'inactive')],
  [
    'credential.activate',
    async (scenario, by) => [await scenario.issue(), await setCredentialStatus(by, 'ci-bot', 'inactive')],
    (_scenario, by) => setCredentialStatus(by, 'ci-bot', 'active'),
  ],
  ['credential.delete', issue, (_scenario, by) => deleteCredential(by, 'ci-bot')],
  ['version.lapse', lapsed, (_scenario, by) => setHashPolicy(by, { scheme: 'bcrypt', cost: 9 })],
  ['credential.discard', lapsed, (_scenario, by) => setHashPolicy(by, { scheme: 'bcrypt', cost: 9 })],
  ['owner.create', nothing, owner],
  ['owner.edit', owner, (_scenario, by) => renameOwner(by, { name: 'ci', to: 'builds' })],
  ['owner.deactivate', owner, (_scenario, by) => setOwnerStatus(by, 'ci', 'inactive')],
  [
    'owner.activate',
    async (scenario, by) => [await owner(scenario, by), await setOwnerStatus(by, 'ci', 'inactive')],
    (_scenario, by) => setOwnerStatus(by, 'ci', 'active'),
  ],
  [
    'owner.delete',
    async (scenario, by) => [await owner(scenario, by), await scenario.issue({ owner: 'ci' })],
    (_scenario, by) => deleteOwner(by, 'ci'),
  ],
  ['catalog.replace', nothing, (_scenario, by) => replaceCatalog(by, existing(PRESETS.get('empty')))],
  ['store.set', nothing, (_scenario, by) => setHashPolicy(by, { scheme: 'bcrypt', cost: 9 })],
];

const AUTHOR: ProcessOptions = { actor: 'alice@laptop', reason: 'ticket 42' };

describe('every change', () => {
  it.each(CHANGES)(
    'does not happen when its event cannot be written: %s',
    async (action, prepare, change) => {
      const scenario = await openScenario();
      await prepare(scenario, scenario.process());
      await scenario.refuseEvents(action);
      const before = await everything(scenario.files);
      await expect(change(scenario, scenario.process())).rejects.toThrow();
      expect(await everything(scenario.files)).toEqual(before);
      await scenario.acceptEvents();
      await change(scenario, scenario.process());
      expect(await scenario.actions()).toContain(action);
    },
  );

  it.each(CHANGES)('says who made it, when and why: %s', async (action, prepare, change) => {
    const scenario = await openScenario();
    await prepare(scenario, scenario.process());
    const at = scenario.clock.advance('1m');
    await change(scenario, scenario.process(AUTHOR));
    const events = (await scenario.events()).filter((event) => event.action === action);
    expect(events.at(-1)).toMatchObject({ at, ...AUTHOR });
    expect(await scenario.store.verifyAudit(null)).toMatchObject({ valid: true });
  });

  it('of an issue is two events: it was made, and it was delivered', async () => {
    const scenario = await openScenario();
    await scenario.issue();
    await scenario.rotate();
    expect(await scenario.actions()).toEqual([
      'credential.create',
      'credential.deliver',
      'credential.rotate',
      'credential.rotate.deliver',
    ]);
  });

  it('comes after the one before, also in time', async () => {
    const scenario = await openScenario();
    const by = { ...scenario.process(), clock: new AdvancingClock() };
    await scenario.issue({ by });
    await scenario.rotate({ by });
    await setCredentialStatus(by, 'ci-bot', 'inactive');
    const times = (await scenario.events()).map((event) => event.at);
    expect(times).toHaveLength(5);
    expect(times).toEqual([...new Set(times)].sort((a, b) => a - b));
  });

  it('keeps the name that the target had then', async () => {
    const scenario = await openScenario();
    await scenario.issue();
    const { id } = await scenario.show();
    await editCredential(scenario.process(), { reference: 'ci-bot', name: 'new' });
    await deleteCredential(scenario.process(), 'new');
    const names = (await scenario.events()).map((event) => event.target.name);
    expect(names).toEqual(['ci-bot', 'ci-bot', 'ci-bot', 'new']);
    const { items } = await scenario.store.listAudit({ target: id, limit: 10 });
    expect(items).toHaveLength(4);
  });
});

describe('a secret', () => {
  it('is nowhere in the store, the audit trail included', async () => {
    const scenario = await openScenario();
    const secrets = [await scenario.issue(), await scenario.rotate()];
    secrets.push(
      (await scenario.tryRotate({ supersede: { kind: 'revoke' }, to: { failsAt: 'deliver' } })).secret,
    );
    secrets.push((await scenario.tryIssue({ name: 'lost', by: { diesAt: 'delivered' } })).secret);
    for (const secret of secrets) await scenario.use(secret);
    await deleteCredential(scenario.process(), 'ci-bot');
    const files = [scenario.files.path, `${scenario.files.path}-wal`].map((path) => readFileSync(path));
    for (const secret of secrets) {
      const parts = [secret, existing(parseSecret(secret)).secret];
      for (const part of parts) expect(files.some((bytes) => bytes.includes(part))).toBe(false);
    }
  });
});
