import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkAftermath, type Phase } from '../support/aftermath.js';
import { concurrently } from '../support/concurrently.js';
import {
  commandOf,
  DESTINATIONS,
  OPERATIONS,
  type Operation,
  planOf,
  type Settled,
  settle,
} from '../support/interrupted-delivery.js';
import { credctlKilledAfter, measureRun, spreadOver } from '../support/killed-at-random.js';
import { checkRetry } from '../support/retry-after-kill.js';
import '../support/patience.js';

const KILLS = 200;

/** Each phase must be hit that often, or the test proves nothing of it. */
const HITS = 5;

/** After every fourth of them the command is given again: that is for each destination, type and format. */
const RETRY_EVERY = 4;

/** Further kills, aimed at the part of a run in which A and B happen. */
const AIMED_KILLS = 40;

describe('kill -9 at a random moment locks nobody out and leaves nothing live that nobody has', () => {
  let settled: Settled;

  beforeAll(async () => {
    settled = await settle();
  });

  afterAll(() => settled.place.remove());

  it.each(OPERATIONS)(
    `%s is killed ${KILLS} times over its whole run, before A, between A and B, and after B`,
    async (operation) => {
      const length = await measureRun(() => attempt(operation, 0, null));
      const hits = { 'before A': 0, 'between A and B': 0, 'after B': 0 };
      const killAt = async (moments: readonly number[]): Promise<void> => {
        const phases = await concurrently(moments, (moment, n) => attempt(operation, n, moment));
        for (const phase of phases) if (phase !== null) hits[phase] += 1;
      };
      const total = (): number => Object.values(hits).reduce((sum, count) => sum + count);
      await killAt(spreadOver(length, KILLS));
      while (total() < KILLS) await killAt(spreadOver(length, KILLS - total()));
      for (let round = 0; round < 10 && Object.values(hits).some((count) => count < HITS); round += 1) {
        await killAt(spreadOver(length / 2, AIMED_KILLS).map((moment) => moment + length / 2));
      }
      expect(total()).toBeGreaterThanOrEqual(KILLS);
      for (const [phase, count] of Object.entries(hits)) {
        expect(count, `hits ${phase}: ${JSON.stringify(hits)}`).toBeGreaterThanOrEqual(HITS);
      }
    },
  );

  /** One run that is killed at a moment, and the check of what it left; null when it ended before that. */
  async function attempt(operation: Operation, n: number, moment: number | null): Promise<Phase | null> {
    const destination = DESTINATIONS[n % DESTINATIONS.length] ?? DESTINATIONS[0];
    if (destination === undefined) throw new Error('there is no destination');
    const plan = planOf(operation, destination, Math.floor(n / DESTINATIONS.length));
    const place = settled.place.copy();
    try {
      destination.prepare(place, settled.secrets[plan.type]);
      const { signal, stdout } = await credctlKilledAfter(place, commandOf(plan, place), moment);
      if (signal !== 'SIGKILL') return null;
      const remains = await checkAftermath({ settled, plan, place, stdout });
      if (n % RETRY_EVERY === 0) await checkRetry(remains);
      return remains.phase;
    } finally {
      place.remove();
    }
  }
});
