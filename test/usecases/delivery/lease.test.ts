import { describe, expect, it, vi } from 'vitest';
import { RENEW_EVERY_MS } from '../../../src/usecases/delivery/lease.js';
import { abortRotation } from '../../../src/usecases/rotation/end-rotation.js';
import { failure } from '../../storage/fixtures.js';
import { ScriptedDestination } from '../../support/dependencies/destinations.js';
import { leaseEnd, openScenario } from '../scenario.js';

const MINUTE = 60_000;
const BY = { host: 'pod-1' };

describe('a lease', () => {
  it.each([
    ['ten minutes and one for a destination that asks for none', {}, 11 * MINUTE],
    ["a command's time-out and a minute", { leaseMs: 5_000 }, MINUTE + 5_000],
  ])('is %s', async (_what, to, ms) => {
    const scenario = await openScenario();
    await scenario.tryIssue({ by: { ...BY, diesAt: 'committed' }, to });
    expect((await leaseEnd(scenario)) - scenario.clock.now()).toBe(ms);
  });

  it('is as long as all destinations together, which are delivered to one after the other', async () => {
    const scenario = await openScenario();
    const also = [new ScriptedDestination({ leaseMs: 2 * MINUTE })];
    await scenario.tryIssue({ by: { ...BY, diesAt: 'committed' }, also });
    expect((await leaseEnd(scenario)) - scenario.clock.now()).toBe(13 * MINUTE);
  });

  it('is renewed as long as a screen waits for a person, and not after that', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    try {
      const scenario = await openScenario();
      const ends: number[] = [];
      const wait = async () => {
        for (let round = 0; round < 12; round += 1) {
          scenario.clock.set(scenario.clock.now() + RENEW_EVERY_MS);
          vi.advanceTimersByTime(RENEW_EVERY_MS);
          await vi.waitFor(async () =>
            expect(await leaseEnd(scenario)).toBe(scenario.clock.now() + 11 * MINUTE),
          );
          ends.push((await scenario.tryIssue()).fault === null ? 0 : 1);
        }
      };
      const secret = await scenario.issue({
        by: BY,
        to: { waitsForPerson: true, meanwhile: { deliver: wait } },
      });
      expect([ends.length, vi.getTimerCount()]).toEqual([12, 0]);
      expect(ends).not.toContain(0);
      expect(await scenario.accepts(secret)).toBe(true);
    } finally {
      vi.useRealTimers();
    }
  });

  it('that was taken over is not renewed', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    try {
      const scenario = await openScenario();
      await scenario.issue();
      const wait = async () => {
        await abortRotation(scenario.process(), { reference: 'ci-bot', force: false, takeOver: true });
        vi.advanceTimersByTime(RENEW_EVERY_MS);
      };
      const { fault } = await scenario.tryRotate({
        by: BY,
        to: { waitsForPerson: true, replaces: true, meanwhile: { deliver: wait } },
      });
      expect(fault).toEqual(failure('partial', /another command has revoked it/));
      expect(await leaseEnd(scenario)).toBe(0);
    } finally {
      vi.useRealTimers();
    }
  });
});
