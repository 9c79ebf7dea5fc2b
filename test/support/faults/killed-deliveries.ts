import { expect } from 'vitest';
import { inCopyOf } from '../stores/settled-copies.js';
import { checkAftermath, type Phase } from './aftermath.js';
import { concurrently } from './concurrently.js';
import { faultNumber } from './fault-numbers.js';
import { commandOf, type DeliveryPlan, type Settled } from './interrupted-delivery.js';
import { credctlKilledAfter, measureRun, spreadOver } from './killed-at-random.js';
import { checkRetry } from './retry-after-kill.js';

/** Further kills at a time, aimed at the part of a run in which A and B happen. */
const AIMED_KILLS = Math.max(8, faultNumber(40));
const AIMED_ROUNDS = 10;

/** Deliveries that are killed at random moments. */
export interface KilledDeliveries {
  readonly settled: Settled;
  /** The n-th of them. */
  readonly planFor: (n: number) => DeliveryPlan;
  /** How many are killed, their moments spread over the whole run. */
  readonly kills: number;
  /** Each phase must be hit that often, or the test proves nothing of it. */
  readonly hits: number;
  /** After every so many of them the command is given again. */
  readonly retryEvery: number;
}

/** Kills deliveries until there were enough of them and each phase was hit, and checks what each of them left. */
export async function killDeliveries(deliveries: KilledDeliveries): Promise<void> {
  const { kills, hits: least } = deliveries;
  const hits: Record<Phase, number> = { 'before A': 0, 'between A and B': 0, 'after B': 0 };
  const length = await measureRun(() => attempt(deliveries, 0, null));
  const early: number[] = [];
  const late: number[] = [];
  const killAt = async (moments: readonly number[]): Promise<void> => {
    const phases = await concurrently(moments, (moment, n) => attempt(deliveries, n, moment));
    for (const [n, phase] of phases.entries()) {
      (phase === 'before A' ? early : late).push(moments[n] ?? 0);
      if (phase !== null) hits[phase] += 1;
    }
  };
  const total = (): number => Object.values(hits).reduce((sum, count) => sum + count);
  while (total() < kills) await killAt(spreadOver(length, kills - total()));
  const isLacking = (): boolean => Object.values(hits).some((count) => count < least);
  for (let round = 0; round < AIMED_ROUNDS && isLacking(); round += 1) {
    const { from, to } = aimedAt(length * (round + 1), early, late);
    await killAt(spreadOver(to - from, AIMED_KILLS).map((moment) => moment + from));
  }
  for (const [phase, count] of Object.entries(hits)) {
    expect(count, `hits ${phase}: ${JSON.stringify(hits)}`).toBeGreaterThanOrEqual(least);
  }
}

/**
 * The moments at which some runs were before A and others past it, or ended: how long a run takes changes with the load.
 *
 * @param length where runs end, if none has been killed past A
 */
function aimedAt(
  length: number,
  early: readonly number[],
  late: readonly number[],
): { readonly from: number; readonly to: number } {
  const [firstLate, lastEarly] = [Math.min(...late, length), Math.max(...early, 0)];
  return {
    from: 0.9 * Math.min(firstLate, lastEarly),
    to: 1.2 * Math.max(firstLate, lastEarly, late.length === 0 ? length : 0),
  };
}

/** One run that is killed at a moment, and the check of what it left; null when it ended before that. */
function attempt(
  { settled, planFor, retryEvery }: KilledDeliveries,
  n: number,
  moment: number | null,
): Promise<Phase | null> {
  const plan = planFor(n);
  return inCopyOf(settled, async (place) => {
    plan.destination.prepare(place, settled.secrets[plan.type]);
    const { signal, stdout } = await credctlKilledAfter(place, commandOf(plan, place), moment);
    if (signal !== 'SIGKILL') return null;
    const remains = await checkAftermath({ settled, plan, place, stdout });
    if (n % retryEvery === 0) await checkRetry(remains);
    return remains.phase;
  });
}
