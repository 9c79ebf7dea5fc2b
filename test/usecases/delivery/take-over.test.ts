import { describe, expect, it } from 'vitest';
import {
  abortRotation,
  finishRotation,
  resumeRotation,
} from '../../../src/usecases/rotation/end-rotation.js';
import { failure } from '../../storage/fixtures.js';
import { leaseEnd, openScenario, REVOKE, type Scenario } from '../scenario.js';

const BY = { host: 'pod-1' };
const CI_BOT = { reference: 'ci-bot' };

type Meddling = (scenario: Scenario, takeOver: boolean) => Promise<unknown>;

const caught = (step: Promise<unknown>) =>
  step.then(
    () => null,
    (fault: unknown) => fault,
  );

/** The ways out of a lease. */
const WAYS_OUT: readonly (readonly [string, Meddling])[] = [
  ['--now', async (scenario, takeOver) => (await scenario.tryRotate({ supersede: REVOKE, takeOver })).fault],
  [
    '--abort',
    (scenario, takeOver) => caught(abortRotation(scenario.process(), { ...CI_BOT, force: true, takeOver })),
  ],
  ['--resume', (scenario, takeOver) => caught(resumeRotation(scenario.process(), { ...CI_BOT, takeOver }))],
];

/** A rotation in a container that was killed after the secret had gone somewhere. */
async function cutOff(): Promise<Scenario> {
  const scenario = await openScenario();
  await scenario.issue();
  await scenario.tryRotate({ by: { ...BY, diesAt: 'delivered' }, to: { replaces: true } });
  return scenario;
}

function gate(): { readonly opened: Promise<void>; open(): void } {
  let open = (): void => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open: () => open() };
}

describe('a delivery whose process cannot be seen from here', () => {
  it.each(WAYS_OUT)(
    'keeps %s off until its lease ends, and says until when and what leads out',
    async (_way, step) => {
      const scenario = await cutOff();
      const until = await leaseEnd(scenario);
      const refusal = failure(
        'conflict',
        new RegExp(`version 2 of ci-bot .* on pod-1, .* until ${new Date(until).toISOString()}`),
        /--take-over: credctl rotate ci-bot --now, --abort or --resume/,
      );
      expect(await step(scenario, false)).toEqual(refusal);
      scenario.clock.set(until - 1);
      expect(await step(scenario, false)).toEqual(refusal);
      scenario.clock.set(until);
      expect(await step(scenario, false)).toBeNull();
    },
  );

  it.each(WAYS_OUT)('is taken over at once by %s --take-over, and the trail says so', async (_way, step) => {
    const scenario = await cutOff();
    expect(await step(scenario, true)).toBeNull();
    const details = (await scenario.events()).map((event) => event.details['taken_over']);
    expect(details.filter((numbers) => numbers !== undefined)).toEqual([[2]]);
  });

  it('keeps --finish off, with force as well', async () => {
    const scenario = await cutOff();
    const finish = finishRotation(scenario.process(), { ...CI_BOT, force: true });
    expect(await caught(finish)).toEqual(failure('conflict', /until/, /--take-over/));
  });

  it('holds the name of a create: the refusal says until when, and --abort --take-over frees it', async () => {
    const scenario = await openScenario();
    await scenario.tryIssue({ by: { ...BY, diesAt: 'delivered' }, to: { replaces: true } });
    const until = new Date(await leaseEnd(scenario)).toISOString();
    expect((await scenario.tryIssue()).fault).toEqual(
      failure(
        'conflict',
        new RegExp(`on pod-1, .* until ${until}`),
        /credctl rotate ci-bot --abort --take-over/,
      ),
    );
    await abortRotation(scenario.process(), { ...CI_BOT, force: false, takeOver: true });
    await scenario.issue();
    expect(await scenario.states()).toEqual(['current']);
  });
});

describe('a delivery whose process is seen to live', () => {
  it.each(WAYS_OUT)('is not taken over by %s --take-over', async (_way, step) => {
    const scenario = await openScenario();
    await scenario.issue();
    const faults: unknown[] = [];
    const meddle = async () => faults.push(await step(scenario, true));
    const secret = await scenario.rotate({ to: { meanwhile: { deliver: meddle } } });
    expect(faults).toEqual([failure('conflict', /by process \d+ on here$/, /credctl deactivate ci-bot/)]);
    expect(await scenario.accepts(secret)).toBe(true);
  });
});

describe('a process that comes back with what was taken over', () => {
  it('by --now learns that it is not its own, and both later and older secrets are as the other one left them', async () => {
    const scenario = await openScenario();
    const old = await scenario.issue();
    let newest = '';
    const meddle = async () => {
      newest = await scenario.rotate({ supersede: REVOKE, takeOver: true });
    };
    const { fault, secret } = await scenario.tryRotate({ by: BY, to: { meanwhile: { deliver: meddle } } });
    expect(fault).toEqual(failure('partial', /another command has revoked it/));
    expect(await Promise.all([old, secret, newest].map((each) => scenario.accepts(each)))).toEqual([
      false,
      false,
      true,
    ]);
  });

  it('learns it as well while the other one is still delivering, and does not supersede anything', async () => {
    const scenario = await openScenario();
    const old = await scenario.issue();
    const [isBack, isDelivering] = [gate(), gate()];
    let second: ReturnType<Scenario['tryRotate']> | null = null;
    const hold = async () => {
      isDelivering.open();
      await isBack.opened;
    };
    const meddle = async () => {
      second = scenario.tryRotate({
        supersede: REVOKE,
        takeOver: true,
        to: { replaces: true, meanwhile: { deliver: hold } },
      });
      await isDelivering.opened;
    };
    const { fault } = await scenario.tryRotate({
      by: BY,
      to: { replaces: true, meanwhile: { deliver: meddle } },
    });
    expect(fault).toEqual(failure('partial', /another command finished its delivery/, /credctl show ci-bot/));
    expect([await scenario.states(), await scenario.accepts(old)]).toEqual([
      ['current', 'pending', 'pending'],
      true,
    ]);
    isBack.open();
    expect(await second).toMatchObject({ fault: null });
    expect(await scenario.states()).toEqual(['revoked', 'revoked', 'current']);
  });

  it('after its lease, by any rotation, learns that too: its own secret is the one that retires', async () => {
    const scenario = await openScenario();
    await scenario.issue();
    const late = async () => {
      scenario.clock.set(await leaseEnd(scenario));
      await scenario.rotate();
    };
    const { fault } = await scenario.tryRotate({
      by: BY,
      to: { replaces: true, meanwhile: { deliver: late } },
    });
    expect(fault).toEqual(failure('partial', /another command finished its delivery/));
    expect(await scenario.states()).toEqual(['retiring', 'retiring', 'current']);
  });

  it('by --abort learns that it was ended', async () => {
    const scenario = await openScenario();
    const old = await scenario.issue();
    const meddle = () => abortRotation(scenario.process(), { ...CI_BOT, force: false, takeOver: true });
    const { fault, secret } = await scenario.tryRotate({
      by: BY,
      to: { replaces: true, meanwhile: { deliver: meddle } },
    });
    expect(fault).toEqual(failure('partial', /another command has revoked it/));
    expect([await scenario.accepts(old), await scenario.accepts(secret)]).toEqual([true, false]);
  });

  it('by --resume finds it delivered, and confirms nothing a second time', async () => {
    const scenario = await openScenario();
    await scenario.issue();
    const meddle = () => resumeRotation(scenario.process(), { ...CI_BOT, takeOver: true });
    await scenario.rotate({ by: BY, to: { replaces: true, meanwhile: { deliver: meddle } } });
    expect(await scenario.states()).toEqual(['retiring', 'current']);
    const confirmations = (await scenario.actions()).filter(
      (action) => action === 'credential.rotate.deliver',
    );
    expect(confirmations).toHaveLength(1);
  });

  it('by --resume and then fails does not revoke what the older secrets have ended for', async () => {
    const scenario = await openScenario();
    await scenario.issue();
    const meddle = () => resumeRotation(scenario.process(), { ...CI_BOT, takeOver: true });
    const { fault, secret } = await scenario.tryRotate({
      by: BY,
      supersede: REVOKE,
      to: { replaces: true, failsAt: 'deliver', meanwhile: { deliver: meddle } },
    });
    expect(fault).toEqual(failure('partial', /another command has confirmed it/, /--abort/));
    expect(await scenario.accepts(secret)).toBe(true);
  });
});
