import { describe, expect, it } from 'vitest';
import { abortRotation, resumeRotation } from '../../../src/usecases/rotation/end-rotation.js';
import { failure } from '../../storage/fixtures.js';
import { START } from '../../support/dependencies/fixed-clock.js';
import { DAY, openScenario, REVOKE } from '../scenario.js';

const grace = (ms: number) => ({ kind: 'grace', ms }) as const;
const AGE_30D = { text: '30d', ms: 30 * DAY };

describe('a rotation', () => {
  it('keeps the old secret working for the grace, and not a millisecond longer', async () => {
    const scenario = await openScenario();
    const old = await scenario.issue();
    const secret = await scenario.rotate({ supersede: grace(7 * DAY) });
    scenario.clock.advance(7 * DAY - 1);
    expect([await scenario.accepts(old), await scenario.accepts(secret)]).toEqual([true, true]);
    scenario.clock.advance(1);
    expect([await scenario.accepts(old), await scenario.accepts(secret)]).toEqual([false, true]);
  });

  it('without a grace ends the old secret as soon as the new one is delivered', async () => {
    const scenario = await openScenario();
    const old = await scenario.issue();
    const seen: boolean[] = [];
    const look = async () => seen.push(await scenario.accepts(old));
    await scenario.rotate({ supersede: grace(0), to: { meanwhile: { deliver: look } } });
    expect([...seen, await scenario.accepts(old)]).toEqual([true, false]);
    expect(await scenario.states()).toEqual(['retired', 'current']);
    await scenario.rotate({ supersede: grace(0) });
    expect(await scenario.states()).toEqual(['retired', 'retired', 'current']);
  });

  it('never lets the grace reach past the expiry of the credential, and never moves that', async () => {
    const scenario = await openScenario();
    await scenario.issue({ expiresAt: START + 5_000 });
    await scenario.rotate({ supersede: grace(DAY) });
    const { versions, expiresAt } = await scenario.show();
    expect([versions[1]?.retiresAt, expiresAt]).toEqual([START + 5_000, START + 5_000]);
  });

  it('is refused where a version whose file it may overwrite is confirmed before it begins', async () => {
    const scenario = await openScenario();
    await scenario.issue();
    await scenario.tryRotate({ to: { replaces: true }, by: { diesAt: 'delivered' } });
    const resume = () => resumeRotation(scenario.process(), { reference: 'ci-bot' });
    const { fault, destination } = await scenario.tryRotate({ to: { meanwhile: { preflight: resume } } });
    expect(destination.contexts[0]?.abandoned).toHaveLength(1);
    expect(fault).toEqual(failure('conflict', /another command has just confirmed version 2 of ci-bot/));
    expect(await scenario.states()).toEqual(['retiring', 'current']);
  });

  it('is found by name in any case, by id and by client id', async () => {
    const scenario = await openScenario();
    await scenario.issue({ type: 'oauth2' });
    const { id, clientId } = await scenario.show();
    for (const reference of ['CI-BOT', id, clientId ?? '']) {
      await scenario.rotate({ reference, supersede: grace(0) });
    }
    expect((await scenario.show()).versions).toHaveLength(4);
    expect((await scenario.show()).clientId).toBe(clientId);
  });

  it('of nobody is not found, and a secret is no name', async () => {
    const scenario = await openScenario();
    const secret = await scenario.issue();
    expect((await scenario.tryRotate({ reference: 'nobody' })).fault).toEqual(failure('not_found'));
    const { fault } = await scenario.tryRotate({ reference: secret });
    expect(fault).toEqual(failure('usage', /^(?!.*cctl_key_)/));
  });

  it('goes on counting when older versions are no longer listed', async () => {
    const scenario = await openScenario();
    await scenario.issue();
    for (let round = 0; round < 12; round += 1) await scenario.rotate({ supersede: grace(0) });
    const numbers = (await scenario.show()).versions.map((version) => version.number);
    expect(numbers).toEqual([13, 12, 11, 10, 9, 8, 7, 6, 5, 4]);
  });
});

describe('a rotation for a leak (--now)', () => {
  it('revokes every older version, but only once the new one is delivered', async () => {
    const scenario = await openScenario();
    const first = await scenario.issue();
    const second = await scenario.rotate();
    const both = () => Promise.all([first, second].map((secret) => scenario.accepts(secret)));
    const seen: unknown[] = [];
    const look = async () => seen.push(await both());
    await scenario.rotate({ supersede: REVOKE, to: { meanwhile: { deliver: look } } });
    expect([...seen, await both()]).toEqual([
      [true, true],
      [false, false],
    ]);
    expect(await scenario.states()).toEqual(['revoked', 'revoked', 'current']);
  });

  it('that fails revokes nothing but its own version', async () => {
    const scenario = await openScenario();
    const [first, second] = [await scenario.issue(), await scenario.rotate()];
    await scenario.tryRotate({ supersede: REVOKE, to: { failsAt: 'deliver' } });
    expect(await scenario.states()).toEqual(['retiring', 'current', 'revoked']);
    expect([await scenario.accepts(first), await scenario.accepts(second)]).toEqual([true, true]);
  });

  it('that was cut off still revokes the older ones when it is resumed', async () => {
    const scenario = await openScenario();
    await scenario.issue();
    await scenario.tryRotate({ supersede: REVOKE, by: { diesAt: 'delivered' }, to: { replaces: true } });
    expect(await scenario.states()).toEqual(['current', 'pending']);
    await resumeRotation(scenario.process(), { reference: 'ci-bot' });
    expect(await scenario.states()).toEqual(['revoked', 'current']);
  });
});

describe('a rotation is a conflict', () => {
  it('when the credential has expired, and says to extend it first', async () => {
    const scenario = await openScenario();
    await scenario.issue({ expiresAt: START + 1 });
    scenario.clock.advance(1);
    for (const supersede of [grace(DAY), REVOKE]) {
      const { fault } = await scenario.tryRotate({ supersede });
      expect(fault).toEqual(failure('conflict', /has expired/, /extend it first/));
    }
  });

  it('when somebody else rotated while this one was being prepared', async () => {
    const scenario = await openScenario();
    await scenario.issue();
    const { fault, secret } = await scenario.tryRotate({
      to: { meanwhile: { preflight: () => scenario.rotate() } },
    });
    expect([fault, secret]).toEqual([
      failure('conflict', /another command has just rotated/, /credctl show/),
      '',
    ]);
    expect(await scenario.states()).toEqual(['retiring', 'current']);
  });

  it('and not found when somebody else deleted the credential meanwhile', async () => {
    const scenario = await openScenario();
    await scenario.issue();
    const remove = () =>
      scenario.store.write(async (tx) => tx.deleteCredential((await scenario.show()).id, START));
    const { fault } = await scenario.tryRotate({ to: { meanwhile: { preflight: remove } } });
    expect(fault).toEqual(failure('not_found'));
  });
});

describe('a rotation only if older (--if-older-than)', () => {
  it('does nothing, successfully, while the current version is younger', async () => {
    const scenario = await openScenario();
    const old = await scenario.issue();
    scenario.clock.advance(30 * DAY - 1);
    const young = await scenario.tryRotate({ ifOlderThan: AGE_30D });
    expect(young.result).toEqual({ rotated: false, credential: await scenario.show() });
    expect(young.destination.moments).toEqual([]);
    expect(await scenario.accepts(old)).toBe(true);
    scenario.clock.advance(1);
    expect((await scenario.tryRotate({ ifOlderThan: AGE_30D })).result).toMatchObject({ rotated: true });
  });

  it('is checked first: before a conflict, and before the expiry', async () => {
    const scenario = await openScenario();
    await scenario.issue({ expiresAt: START + DAY });
    await scenario.rotate();
    expect((await scenario.tryRotate({ ifOlderThan: AGE_30D })).result).toMatchObject({ rotated: false });
    scenario.clock.advance(2 * DAY);
    expect((await scenario.tryRotate({ ifOlderThan: AGE_30D })).result).toMatchObject({ rotated: false });
  });

  it('does not count a version that nobody received, or that was taken back', async () => {
    const scenario = await openScenario();
    await scenario.issue();
    scenario.clock.advance(40 * DAY);
    await scenario.tryRotate({ by: { diesAt: 'committed' } });
    await scenario.tryRotate({ to: { failsAt: 'deliver' } });
    expect((await scenario.tryRotate({ ifOlderThan: AGE_30D })).result).toMatchObject({ rotated: true });
  });

  it('does nothing when somebody else has just rotated: the secret they got stays good', async () => {
    const scenario = await openScenario();
    await scenario.issue();
    scenario.clock.advance(40 * DAY);
    const theirs: string[] = [];
    const race = async () =>
      theirs.push(await scenario.rotate({ ifOlderThan: AGE_30D, supersede: grace(0) }));
    const mine = await scenario.tryRotate({
      ifOlderThan: AGE_30D,
      supersede: grace(0),
      to: { meanwhile: { preflight: race } },
    });
    expect(await scenario.accepts(theirs[0] ?? '')).toBe(true);
    expect(mine.result).toMatchObject({ rotated: false });
  });
});

describe('when the next rotation is due', () => {
  const rotateEvery = { text: '90d', ms: 90 * DAY };

  it('is counted from the last version that was delivered', async () => {
    const scenario = await openScenario();
    await scenario.issue({ rotateEvery });
    expect((await scenario.show()).rotationDueAt).toBe(START + 90 * DAY);
    const rotatedAt = scenario.clock.advance(5 * DAY);
    await scenario.rotate();
    expect((await scenario.show()).rotationDueAt).toBe(rotatedAt + 90 * DAY);
  });

  it('does not move with a rotation that failed or was cut off, until that is resumed', async () => {
    const scenario = await openScenario();
    await scenario.issue({ rotateEvery });
    scenario.clock.advance(5 * DAY);
    await scenario.tryRotate({ to: { failsAt: 'deliver' } });
    const cutOffAt = scenario.clock.advance(DAY);
    await scenario.tryRotate({ by: { diesAt: 'delivered' }, to: { replaces: true } });
    expect((await scenario.show()).rotationDueAt).toBe(START + 90 * DAY);
    scenario.clock.advance(DAY);
    await resumeRotation(scenario.process(), { reference: 'ci-bot' });
    expect((await scenario.show()).rotationDueAt).toBe(cutOffAt + 90 * DAY);
  });

  it('goes back with a rotation that is taken back', async () => {
    const scenario = await openScenario();
    await scenario.issue({ rotateEvery });
    scenario.clock.advance(5 * DAY);
    await scenario.rotate();
    await abortRotation(scenario.process(), { reference: 'ci-bot', force: false });
    expect((await scenario.show()).rotationDueAt).toBe(START + 90 * DAY);
  });
});
