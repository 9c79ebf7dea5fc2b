import { describe, expect, it } from 'vitest';
import { handleOf, parseSecret } from '../../../src/domain/secret/secret-format.js';
import { DELIVERY_STEPS, type DeliveryStep } from '../../../src/usecases/dependencies.js';
import { failure } from '../../storage/fixtures.js';
import { ScriptedDestination } from '../../support/dependencies/destinations.js';
import { START } from '../../support/dependencies/fixed-clock.js';
import { DAY, openScenario, REVOKE } from '../scenario.js';

describe('every issue and every rotation', () => {
  it('takes its steps in order: preflight, transaction A, delivery, transaction B', async () => {
    const scenario = await openScenario();
    for (const attempt of ['tryIssue', 'tryRotate'] as const) {
      const steps: (DeliveryStep | string)[] = [];
      const note = (what: string) => async () => steps.push(what);
      const { fault } = await scenario[attempt]({
        to: { meanwhile: { preflight: note('preflight'), deliver: note('deliver') } },
        by: { observe: (step) => steps.push(step) },
      });
      expect(fault).toBeNull();
      const [started, ready, hashed, inserted, committed, ...rest] = DELIVERY_STEPS;
      expect(steps).toEqual([started, 'preflight', ready, hashed, inserted, committed, 'deliver', ...rest]);
    }
  });

  it('lets the new version authenticate before it is handed over, everywhere', async () => {
    const scenario = await openScenario();
    const elsewhere = await scenario.files.connect();
    const seen: unknown[] = [];
    const look = async (secret: string) => {
      seen.push(await scenario.accepts(secret));
      const found = await elsewhere.findPresentedVersion(parseSecret(secret)?.id ?? '');
      seen.push(found?.version.deliveredAt);
    };
    await scenario.issue({ to: { meanwhile: { deliver: look } } });
    await scenario.rotate({ to: { meanwhile: { deliver: look } } });
    expect(seen).toEqual([true, null, true, null]);
  });

  it('does not touch the older version before the new one is delivered', async () => {
    const scenario = await openScenario();
    const old = await scenario.issue();
    const before = (await scenario.show()).versions;
    const seen: unknown[] = [];
    const look = async () => {
      seen.push(await scenario.accepts(old), (await scenario.show()).versions.slice(1));
    };
    await scenario.rotate({ supersede: REVOKE, to: { meanwhile: { deliver: look } } });
    expect(seen).toEqual([true, before]);
    expect(await scenario.accepts(old)).toBe(false);
  });

  it('records who delivers while it is on its way, and forgets it afterwards', async () => {
    const scenario = await openScenario();
    const deliverer = scenario.process();
    const seen: unknown[] = [];
    const look = async () => seen.push((await scenario.show()).versions[0]);
    await scenario.issue({ by: deliverer, to: { meanwhile: { deliver: look } } });
    expect(seen).toEqual([
      expect.objectContaining({
        deliveredAt: null,
        delivery: { process: deliverer.identity, deliverBy: expect.any(Number) },
      }),
    ]);
    expect((await scenario.show()).versions[0]).toMatchObject({ deliveredAt: START, delivery: null });
  });

  it('hands over the secret with its handle, its version and the credential as it is afterwards', async () => {
    const scenario = await openScenario();
    await scenario.issue({ type: 'oauth2', rotateEvery: { text: '30d', ms: 30 * DAY } });
    const { destination, result } = await scenario.tryRotate();
    const [delivery] = destination.deliveries;
    const { clientId } = await scenario.show();
    expect(delivery?.secret).toEqual({ type: 'oauth2', clientId, clientSecret: expect.any(String) });
    const parsed = parseSecret(destination.secret);
    expect(delivery?.handle).toBe(handleOf('cctl', 'sec', parsed?.id ?? ''));
    expect(delivery?.version).toMatchObject({ number: 2, deliveredAt: START, id: parsed?.id });
    expect(delivery?.credential).toEqual(await scenario.show());
    expect(result).toMatchObject({ rotated: true, deliveredTo: ['stdout'], version: { number: 2 } });
  });

  it('hashes with the policy of the store', async () => {
    const scenario = await openScenario({ hashPolicy: { scheme: 'bcrypt', cost: 11 } });
    await scenario.issue();
    expect(scenario.hasher.policies).toEqual([{ scheme: 'bcrypt', cost: 11 }]);
  });
});

describe('when it lapses by itself', () => {
  it.each([
    ['stdout', false, START + 600_000],
    ['file', false, START + 600_000],
    ['file', true, null],
    ['keychain', true, null],
    ['command', true, null],
  ] as const)('%s, replacing %s: %s', async (kind, replaces, lapsesAt) => {
    const scenario = await openScenario();
    const seen: unknown[] = [];
    const look = async () => seen.push((await scenario.show()).versions[0]?.lapsesAt);
    await scenario.issue({ to: { kind, replaces, meanwhile: { deliver: look } } });
    expect(seen).toEqual([lapsesAt]);
    expect((await scenario.show()).versions[0]?.lapsesAt).toBeNull();
  });

  it('is never when only one of several destinations replaces something', async () => {
    const scenario = await openScenario();
    const seen: unknown[] = [];
    const look = async () => seen.push((await scenario.show()).versions[0]?.lapsesAt);
    const { fault, result } = await scenario.tryIssue({
      to: { meanwhile: { deliver: look } },
      also: [new ScriptedDestination({ kind: 'keychain', replaces: true })],
    });
    expect([fault, seen]).toEqual([null, [null]]);
    expect(result?.deliveredTo).toEqual(['stdout', 'keychain']);
  });
});

describe('a preflight that fails', () => {
  it.each(['undelivered', 'foreign'] as const)('changes nothing, and is undelivered (%s)', async (fault) => {
    const scenario = await openScenario();
    const old = await scenario.issue();
    const before = [await scenario.show(), await scenario.events()];
    const rotation = await scenario.tryRotate({ to: { failsAt: 'preflight', fault } });
    const issue = await scenario.tryIssue({ name: 'other', to: { failsAt: 'preflight', fault } });
    expect([await scenario.show(), await scenario.events()]).toEqual(before);
    expect([await scenario.exists('other'), await scenario.accepts(old)]).toEqual([false, true]);
    expect(scenario.hasher.policies).toHaveLength(1);
    for (const attempt of [rotation, issue]) {
      expect(attempt.destination.moments).toEqual(['preflight']);
      expect(attempt.fault).toEqual(failure('undelivered'));
    }
  });

  it('of one destination keeps the others from being written', async () => {
    const scenario = await openScenario();
    const also = new ScriptedDestination({ failsAt: 'preflight' });
    const { fault, destination } = await scenario.tryIssue({ also: [also] });
    expect(fault).toEqual(failure('undelivered'));
    expect(destination.moments).toEqual(['preflight']);
  });
});

describe('a delivery that fails', () => {
  it.each(['undelivered', 'foreign'] as const)(
    'revokes the new version, the old one never noticed (%s)',
    async (fault) => {
      const scenario = await openScenario();
      const old = await scenario.issue();
      const before = (await scenario.show()).versions;
      const attempt = await scenario.tryRotate({ to: { failsAt: 'deliver', fault } });
      expect(attempt.fault).toEqual(failure('undelivered'));
      const { versions } = await scenario.show();
      expect(versions.slice(1)).toEqual(before);
      expect(await scenario.states()).toEqual(['current', 'revoked']);
      expect([await scenario.accepts(old), await scenario.accepts(attempt.secret)]).toEqual([true, false]);
      expect((await scenario.actions()).slice(-2)).toEqual(['credential.rotate', 'credential.rotate.fail']);
    },
  );

  it('of a create leaves no credential, only events, and the name is free', async () => {
    const scenario = await openScenario();
    const attempt = await scenario.tryIssue({ to: { failsAt: 'deliver' } });
    expect(attempt.fault).toEqual(failure('undelivered'));
    expect(await scenario.exists()).toBe(false);
    expect(await scenario.accepts(attempt.secret)).toBe(false);
    expect(await scenario.actions()).toEqual(['credential.create', 'credential.discard']);
    await scenario.issue();
  });

  it('keeps the destination’s own words', async () => {
    const scenario = await openScenario();
    const { fault } = await scenario.tryIssue({ to: { failsAt: 'deliver' } });
    expect(fault).toEqual(failure('undelivered', /the destination fails at deliver/));
  });

  it('has every destination that was reached take back what it wrote, the last one first', async () => {
    const scenario = await openScenario();
    const order: string[] = [];
    const note = (what: string) => ({ meanwhile: { undo: async () => order.push(what) } });
    const second = new ScriptedDestination({ ...note('second'), failsAt: 'deliver' });
    const third = new ScriptedDestination(note('third'));
    const { fault, secret } = await scenario.tryIssue({ to: note('first'), also: [second, third] });
    expect(fault).toEqual(failure('undelivered'));
    expect(order).toEqual(['second', 'first']);
    expect(third.moments).toEqual(['preflight']);
    expect(await scenario.accepts(secret)).toBe(false);
  });

  it('leaves nothing live even when a destination cannot take back what it wrote', async () => {
    const scenario = await openScenario();
    const old = await scenario.issue();
    const also = new ScriptedDestination({ failsAt: 'deliver' });
    const { fault, secret } = await scenario.tryRotate({
      to: { failsAt: 'undo', fault: 'foreign' },
      also: [also],
    });
    expect([await scenario.accepts(old), await scenario.accepts(secret)]).toEqual([true, false]);
    expect(await scenario.states()).toEqual(['current', 'revoked']);
    expect(fault).toEqual(failure('undelivered'));
  });

  it('is said when the store cannot note it; the new version then lapses by itself', async () => {
    const scenario = await openScenario();
    const old = await scenario.issue();
    await scenario.refuseEvents('credential.rotate.fail');
    const { fault, secret } = await scenario.tryRotate({ to: { failsAt: 'deliver' } });
    expect(fault).toEqual(failure('undelivered', /could not record that/, /ten minutes/));
    scenario.clock.advance('10m');
    expect([await scenario.accepts(old), await scenario.accepts(secret)]).toEqual([true, false]);
  });

  it('is said when the store cannot note it; where it may not lapse, the way out is named', async () => {
    const scenario = await openScenario();
    await scenario.issue();
    await scenario.refuseEvents('credential.rotate.fail');
    const { fault } = await scenario.tryRotate({ to: { failsAt: 'deliver', replaces: true } });
    expect(fault).toEqual(failure('undelivered', /could not record that/, /rotate ci-bot --abort/));
  });
});
