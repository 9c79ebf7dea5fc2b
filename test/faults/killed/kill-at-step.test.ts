import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DELIVERY_STEPS, type DeliveryStep } from '../../../src/usecases/dependencies.js';
import { type Bundled, bundled } from '../../support/build/bundled.js';
import { checkAftermath, type Phase } from '../../support/faults/aftermath.js';
import { concurrently, times } from '../../support/faults/concurrently.js';
import { faultNumber } from '../../support/faults/fault-numbers.js';
import {
  commandOf,
  DESTINATIONS,
  OPERATIONS,
  planOf,
  type Settled,
  settle,
} from '../../support/faults/interrupted-delivery.js';
import { checkRetry } from '../../support/faults/retry-after-kill.js';
import { runIn } from '../../support/program/real-program.js';
import { MEMORY } from '../../support/program/workplace.js';

const KILLS = faultNumber(20);

/** After that many of them the command is given again, in each format once for each operation. */
const RETRIES = 10;

/** Where each step is in the protocol. */
const PHASES: Readonly<Record<DeliveryStep, Phase>> = {
  started: 'before A',
  'destination-ready': 'before A',
  hashed: 'before A',
  inserted: 'before A',
  committed: 'between A and B',
  delivered: 'between A and B',
  confirming: 'between A and B',
  confirmed: 'after B',
};

/** The steps at which the secret has reached its destination. */
const RECEIVED: ReadonlySet<DeliveryStep> = new Set(['delivered', 'confirming', 'confirmed']);

describe('kill -9 at a step of a delivery locks nobody out and leaves nothing live that nobody has', () => {
  let settled: Settled;
  let program: Bundled;

  beforeAll(async () => {
    const warmUp = ['no step', 'create', 'first', '--scope', 'data:conversations'];
    [settled, program] = await Promise.all([settle(MEMORY), bundled('faults/killed-at-step.ts', warmUp)]);
  });

  afterAll(() => {
    settled.place.remove();
    program.remove();
  });

  describe.each(DESTINATIONS)('to $name', (destination) => {
    it.each(DELIVERY_STEPS)(
      `is killed ${KILLS} times at "%s", creating and rotating in turns`,
      async (step) => {
        await concurrently(times(KILLS), async (n) => {
          const plan = planOf(OPERATIONS[n % 2] ?? 'create', destination, Math.floor(n / 2));
          const place = settled.place.copy();
          try {
            destination.prepare(place, settled.secrets[plan.type]);
            const command = [process.execPath, program.file, step, ...commandOf(plan, place)];
            const { signal, stdout, stderr } = await runIn(place, command);
            expect(signal, stderr).toBe('SIGKILL');
            const remains = await checkAftermath({ settled, plan, place, stdout });
            expect(remains.phase).toBe(PHASES[step]);
            expect(remains.received !== null).toBe(RECEIVED.has(step));
            if (n < RETRIES) await checkRetry(remains);
          } finally {
            place.remove();
          }
        });
      },
    );
  });
});
