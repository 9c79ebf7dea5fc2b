import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { concurrently, times } from '../../support/faults/concurrently.js';
import { faultNumber } from '../../support/faults/fault-numbers.js';
import {
  DESTINATIONS,
  mustSucceed,
  OPERATIONS,
  planOf,
  type Settled,
  settle,
} from '../../support/faults/interrupted-delivery.js';
import { measureRun } from '../../support/faults/killed-at-random.js';
import {
  CONDUCTS,
  ENDERS,
  type EndedDelivery,
  endFromOutside,
  type Outcome,
  toCommand,
  toPlace,
} from '../../support/program/ended-from-outside.js';
import { credctl, type Ended } from '../../support/program/real-program.js';
import { MEMORY } from '../../support/program/workplace.js';
import { inCopyOf } from '../../support/stores/settled-copies.js';

const MOMENTS = faultNumber(200, 50);

/** Of so many random moments, each outcome is hit that often. */
const LEAST = Math.floor(MOMENTS / 25);

/** Commands that do not end when they are asked to take three seconds each, so many run at a time. */
const AT_A_TIME = 8;

/** From the start of a command to the end of one that is not disturbed, in milliseconds. */
const OF_COMMAND_MS = 450;

const EXITS = { SIGINT: 130, SIGTERM: 143, SIGHUP: 143 } as const;

let settled: Settled;
let runMs = 0;

beforeAll(async () => {
  settled = await settle(MEMORY);
  for (const name of ['resident-key', 'resident-client']) {
    mustSucceed(await credctl(settled.place, ['edit', name, '--rotate-every', '1d']));
  }
  runMs = await measureRun(() => inCopyOf(settled, (place) => credctl(place, ['rotate', 'resident-key'])));
});

afterAll(() => settled.place.remove());

describe('signals and time-outs at random moments lock nobody out, and what is in doubt is pending', () => {
  it(`while a command takes the secret over: ${MOMENTS} of them`, async () => {
    const results = await concurrently(times(MOMENTS), endCommand, AT_A_TIME);
    const outcomes = results.flat();
    for (const outcome of ['in doubt', 'complete', 'untouched'] as const) {
      const count = outcomes.filter((found) => found === outcome).length;
      expect(count, `${outcome}: ${JSON.stringify(outcomes)}`).toBeGreaterThanOrEqual(LEAST);
    }
  });

  it(`while it goes to the other places: ${MOMENTS / 2} of them`, async () => {
    const places = DESTINATIONS.filter(({ name }) => name !== 'a command');
    const results = await concurrently(times(MOMENTS / 2), (n) =>
      inCopyOf(settled, async (place) => {
        const destination = places[n % places.length];
        const operation = OPERATIONS[Math.floor(n / places.length) % 2];
        if (destination === undefined || operation === undefined) throw new Error('there is no such plan');
        const delivery = toPlace(planOf(operation, destination, n), { place, settled });
        const ender = ENDERS[n % 3];
        if (ender === undefined || ender === 'time-out') throw new Error('there is no such signal');
        const afterMs = Math.random() * runMs;
        const { ended, outcomes } = await endFromOutside(
          { place, settled },
          delivery,
          [{ signal: ender, afterMs }],
          false,
        );
        expectExit(ended, outcomes, ender);
        return outcomes;
      }),
    );
    expect(results.flat()).not.toContain('in doubt');
  });
});

function endCommand(n: number): Promise<readonly Outcome[]> {
  return inCopyOf(settled, async (place) => {
    const conduct = CONDUCTS[n % 3] ?? 'dies';
    const operation = (['create', 'rotate', 'due'] as const)[Math.floor(n / 3) % 3] ?? 'rotate';
    const ender = ENDERS[Math.floor(n / 9 + n) % 4] ?? 'SIGTERM';
    const isTimed = ender === 'time-out';
    // The time is at least a second, so it is the command's pace that differs.
    const pace = isTimed ? 0.7 + Math.random() * 0.5 : 0.2;
    const delivery: EndedDelivery = toCommand(operation, conduct, {
      place,
      settled,
      pace,
      timeout: isTimed ? '1s' : null,
    });
    if (isTimed) {
      const { ended, outcomes } = await endFromOutside({ place, settled }, delivery, [], false);
      expectExit(ended, outcomes, null);
      return outcomes;
    }
    const isLate = n % 4 !== 0;
    const first = { signal: ender, afterMs: Math.random() * (isLate ? OF_COMMAND_MS : runMs) };
    // The first one lets a run of several end what it has in hand, which one that ignores all never does.
    const isUrgent = operation === 'due' && (conduct === 'ignores' || n % 2 === 0);
    const signals = isUrgent ? [first, { signal: ender, afterMs: 100 }] : [first];
    const { ended, outcomes } = await endFromOutside({ place, settled }, delivery, signals, isLate);
    expectExit(ended, outcomes, ender);
    return outcomes;
  });
}

/** The exit status says how it ended, and what is in doubt is said. */
function expectExit(
  { exitCode, signal, stderr }: Ended,
  outcomes: readonly Outcome[],
  ender: keyof typeof EXITS | null,
): void {
  if (outcomes.includes('in doubt')) {
    expect(stderr).toMatch(/--resume.*--abort/);
    expect(exitCode).toBe(ender === null ? 7 : EXITS[ender]);
    return;
  }
  const isComplete = outcomes.every((outcome) => outcome === 'complete');
  // Before there is anything to protect, the signal itself may end it; after the last look, nothing is asked any more.
  const bySignal = (signal !== null && signal === ender) || (signal === 'SIGTERM' && ender === 'SIGHUP');
  const code = bySignal ? 'by the signal' : (exitCode ?? signal);
  // On a machine with much else to do, the command may not even begin in time.
  const onTime = isComplete ? [0] : [6, 7];
  const expected = ender === null ? onTime : [EXITS[ender], 'by the signal', ...(isComplete ? [0] : [])];
  expect(expected, stderr).toContain(code);
}
