import { describe, expect, it } from 'vitest';
import { handleOf, parseSecret } from '../../../src/domain/secret/secret-format.js';
import { setCredentialStatus } from '../../../src/usecases/credential/activation.js';
import { deleteCredential } from '../../../src/usecases/credential/delete.js';
import { editCredential } from '../../../src/usecases/credential/edit.js';
import {
  abortRotation,
  finishRotation,
  resumeRotation,
} from '../../../src/usecases/rotation/end-rotation.js';
import { failure } from '../../storage/fixtures.js';
import { anyWrite, openScenario, REVOKE, type Scenario } from '../scenario.js';

const CI_BOT = { reference: 'ci-bot', force: true } as const;

/** Everything that would meddle with a version on its way. */
const MEDDLING: readonly (readonly [string, (scenario: Scenario) => Promise<unknown>])[] = [
  ['rotate', async (scenario) => (await scenario.tryRotate()).fault],
  ['rotate --now', async (scenario) => (await scenario.tryRotate({ supersede: REVOKE })).fault],
  ['create', async (scenario) => (await scenario.tryIssue()).fault],
  ['--resume', (scenario) => resumeRotation(scenario.process(), CI_BOT).catch((fault: unknown) => fault)],
  ['--abort', (scenario) => abortRotation(scenario.process(), CI_BOT).catch((fault: unknown) => fault)],
  ['--finish', (scenario) => finishRotation(scenario.process(), CI_BOT).catch((fault: unknown) => fault)],
];

describe('while the delivering process lives', () => {
  it.each(MEDDLING)('%s of a version being rotated is a conflict for anyone else', async (_what, meddle) => {
    const scenario = await openScenario();
    await scenario.issue();
    const faults: unknown[] = [];
    const look = async () => {
      faults.push(await meddle(scenario));
      scenario.clock.advance('3h');
      faults.push(await meddle(scenario));
    };
    const secret = await scenario.rotate({ to: { meanwhile: { deliver: look } } });
    expect(faults).toEqual([failure('conflict'), failure('conflict')]);
    expect(await scenario.accepts(secret)).toBe(true);
  });

  it.each(MEDDLING)(
    '%s of a credential being created is a conflict for anyone else',
    async (_what, meddle) => {
      const scenario = await openScenario();
      const faults: unknown[] = [];
      const look = async () => {
        faults.push(await meddle(scenario));
        scenario.clock.advance('3h');
        faults.push(await meddle(scenario));
      };
      const secret = await scenario.issue({ to: { meanwhile: { deliver: look } } });
      expect(faults).toEqual([failure('conflict'), failure('conflict')]);
      expect(await scenario.states()).toEqual(['current']);
      expect(await scenario.accepts(secret)).toBe(true);
    },
  );

  it('the conflict names the process', async () => {
    const scenario = await openScenario();
    await scenario.issue();
    const deliverer = scenario.process();
    const look = async () => {
      const { fault } = await scenario.tryRotate();
      expect(fault).toEqual(failure('conflict', new RegExp(`process ${deliverer.identity.pid} on here`)));
    };
    await scenario.rotate({ by: deliverer, to: { meanwhile: { deliver: look } } });
  });

  it('editing is possible', async () => {
    const scenario = await openScenario();
    const look = () => editCredential(scenario.process(), { reference: 'ci-bot', description: 'new' });
    await scenario.issue({ to: { meanwhile: { deliver: look } } });
    expect((await scenario.show()).description).toBe('new');
  });

  it('deactivating is possible, and the delivery still completes', async () => {
    const scenario = await openScenario();
    const look = () => setCredentialStatus(scenario.process(), 'ci-bot', 'inactive');
    const secret = await scenario.issue({ to: { meanwhile: { deliver: look } } });
    expect(await scenario.use(secret)).toEqual({ valid: false, reason: 'inactive' });
    await setCredentialStatus(scenario.process(), 'ci-bot', 'active');
    expect(await scenario.use(secret)).toMatchObject({ valid: true });
  });

  it.each(['tryIssue', 'tryRotate'] as const)('deleting is possible, and %s says so', async (attempt) => {
    const scenario = await openScenario();
    if (attempt === 'tryRotate') await scenario.issue();
    const look = () => deleteCredential(scenario.process(), 'ci-bot');
    const { fault, secret } = await scenario[attempt]({ to: { meanwhile: { deliver: look } } });
    expect(fault).toEqual(failure('partial', /another command has revoked it/));
    expect([await scenario.exists(), await scenario.accepts(secret)]).toEqual([false, false]);
  });

  it('a delivery that fails after the credential was deleted is undelivered, like any other', async () => {
    const scenario = await openScenario();
    const look = () => deleteCredential(scenario.process(), 'ci-bot');
    const { fault } = await scenario.tryIssue({ to: { meanwhile: { deliver: look }, failsAt: 'deliver' } });
    expect(fault).toEqual(failure('undelivered'));
    expect((await scenario.actions()).at(-1)).toBe('credential.delete');
  });
});

describe('once the delivering process is gone', () => {
  it('the next rotation goes ahead at once', async () => {
    const scenario = await openScenario();
    await scenario.issue();
    await scenario.tryRotate({ by: { diesAt: 'committed' } });
    await scenario.rotate();
    expect((await scenario.states()).at(-1)).toBe('current');
  });

  it('the next rotation goes ahead for a create that was cut off, too', async () => {
    const scenario = await openScenario();
    await scenario.tryIssue({ by: { diesAt: 'committed' } });
    const secret = await scenario.rotate();
    expect(await scenario.states()).toEqual(['retiring', 'current']);
    expect(await scenario.accepts(secret)).toBe(true);
  });

  it('the name of a create is free again', async () => {
    const scenario = await openScenario();
    const { secret: lost } = await scenario.tryIssue({ by: { diesAt: 'delivered' } });
    const { id } = await scenario.show();
    const secret = await scenario.issue({ name: 'CI-Bot' });
    expect((await scenario.show()).id).not.toBe(id);
    expect([await scenario.accepts(lost), await scenario.accepts(secret)]).toEqual([false, true]);
    expect(await scenario.actions()).toEqual([
      'credential.create',
      'credential.discard',
      'credential.create',
      'credential.deliver',
    ]);
  });

  it('the next delivery knows the handles that may lie in its way', async () => {
    const scenario = await openScenario();
    const handle = (secret: string) => handleOf('cctl', 'key', parseSecret(secret)?.id ?? '');
    const lost = (await scenario.tryIssue({ by: { diesAt: 'delivered' } })).secret;
    const issued = await scenario.tryIssue();
    expect(issued.destination.contexts).toEqual([{ abandoned: [{ handle: handle(lost), lapses: true }] }]);
    const lostToo = (await scenario.tryRotate({ by: { diesAt: 'delivered' } })).secret;
    const rotated = await scenario.tryRotate();
    expect(rotated.destination.contexts).toEqual([
      { abandoned: [{ handle: handle(lostToo), lapses: true }] },
    ]);
  });

  it('a name whose secret was delivered, or used, stays taken', async () => {
    const scenario = await openScenario();
    await scenario.issue();
    const { secret } = await scenario.tryIssue({ name: 'used', by: { diesAt: 'delivered' } });
    await scenario.use(secret);
    for (const name of ['ci-bot', 'CI-BOT', 'used']) {
      expect((await scenario.tryIssue({ name })).fault).toEqual(failure('conflict', /taken/));
    }
  });
});

describe('a delivering process of another host', () => {
  it.each(MEDDLING.filter(([what]) => !what.startsWith('--')))(
    'counts as alive until its delivery should long be over: %s',
    async (_what, meddle) => {
      const scenario = await openScenario();
      await scenario.tryIssue({ by: { host: 'elsewhere', diesAt: 'committed' }, to: { replaces: true } });
      const deliverBy = (await scenario.show()).versions[0]?.delivery?.deliverBy ?? 0;
      expect(deliverBy).toBeGreaterThan(scenario.clock.now() + 600_000);
      scenario.clock.set(deliverBy - 1);
      expect(await meddle(scenario)).toEqual(failure('conflict'));
      scenario.clock.set(deliverBy);
      expect(await meddle(scenario)).toBeNull();
    },
  );

  it('keeps a lapsed version from being removed until then, for it may still be confirmed', async () => {
    const scenario = await openScenario();
    const slow = async () => {
      scenario.clock.advance('10m');
      await editCredential(scenario.process(), { reference: 'ci-bot', description: 'new' });
      expect(await scenario.states()).toEqual(['lapsed']);
    };
    const secret = await scenario.issue({ by: { host: 'elsewhere' }, to: { meanwhile: { deliver: slow } } });
    expect(await scenario.accepts(secret)).toBe(true);
  });

  it('that was given up by another machine is told so: what is stamped never comes back', async () => {
    const scenario = await openScenario();
    const old = await scenario.issue();
    const endless = async () => {
      scenario.clock.advance('2h');
      await anyWrite(scenario, 9);
    };
    const by = { host: 'elsewhere' };
    const { fault, secret } = await scenario.tryRotate({ by, to: { meanwhile: { deliver: endless } } });
    expect(fault).toEqual(failure('partial', /another command has revoked it/));
    expect(await scenario.states()).toEqual(['current', 'lapsed']);
    expect([await scenario.accepts(old), await scenario.accepts(secret)]).toEqual([true, false]);
  });
});
