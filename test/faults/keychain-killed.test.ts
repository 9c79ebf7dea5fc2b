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
import { MEMORY } from '../support/workplace.js';
import '../support/patience.js';

const KILLS = 80;

/** Each phase must be hit that often, or the test proves nothing of it. */
const HITS = 1;

/** After every fifth of them the command is given again: that is for each type and format. */
const RETRY_EVERY = 5;

/** Further kills, aimed at the part of a run in which A and B happen. */
const AIMED_KILLS = 40;

const PHASES: readonly Phase[] = ['before A', 'between A and B', 'after B'];

describe('kill -9 at a random moment of a delivery to the keychain', () => {
  let settled: Settled;

  beforeAll(async () => {
    settled = await settle(MEMORY);
  });

  afterAll(() => settled.place.remove());

  it.each(OPERATIONS)(`locks nobody out: %s, ${KILLS} times over its whole run`, async (operation) => {
    const length = await measureRun(() => attempt(operation, 0, null));
    const phases: Phase[] = [];
    const killAt = async (moments: readonly number[]): Promise<void> => {
      const hit = await concurrently(moments, (moment, n) => attempt(operation, n, moment));
      phases.push(...hit.filter((phase) => phase !== null));
    };
    const hits = (wanted: Phase): number => phases.filter((phase) => phase === wanted).length;
    while (phases.length < KILLS) await killAt(spreadOver(length, KILLS - phases.length));
    for (let round = 0; round < 10 && PHASES.some((phase) => hits(phase) < HITS); round += 1) {
      await killAt(spreadOver(length / 2, AIMED_KILLS).map((moment) => moment + length / 2));
    }
    for (const phase of PHASES) expect(hits(phase), `hits ${phase}`).toBeGreaterThanOrEqual(HITS);
  });

  /** One run that is killed at a moment, and the check of what it left; null when it ended before that. */
  async function attempt(operation: Operation, n: number, moment: number | null): Promise<Phase | null> {
    const destination = DESTINATIONS.find(({ name }) => name === 'the keychain');
    if (destination === undefined) throw new Error('there is no such destination');
    const plan = planOf(operation, destination, n);
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
