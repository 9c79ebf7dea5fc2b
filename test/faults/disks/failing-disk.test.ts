import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkAftermath } from '../../support/faults/aftermath.js';
import { concurrently } from '../../support/faults/concurrently.js';
import { faultNumber } from '../../support/faults/fault-numbers.js';
import {
  type Call,
  callLog,
  callsIn,
  callsNoted,
  injecting,
  traced,
} from '../../support/faults/faulty-calls.js';
import {
  commandOf,
  DESTINATIONS,
  type DeliveryPlan,
  OPERATIONS,
  planOf,
  type Settled,
  settle,
} from '../../support/faults/interrupted-delivery.js';
import { checkRetry } from '../../support/faults/retry-after-kill.js';
import type { Ended } from '../../support/program/real-program.js';
import { MEMORY, type Workplace } from '../../support/program/workplace.js';
import { inCopyOf } from '../../support/stores/settled-copies.js';
import { AFTER_LAPSE, faultsIn, probing, secretsIn, verdictOn } from '../../support/stores/store-probe.js';

/** The calls by which the program and SQLite change the disk, as strace matches them. */
const CALLS = ['/^fsync$|^fdatasync$', '/^rename(at2?)?$', '/^pwrite64$', '/^unlink(at)?$'];

/** Of the many writes into the store, so many are tried. */
const TRIED = Math.max(2, faultNumber(14));

/** The files that the program makes itself: stdout leaves none, and what a command writes is its own business. */
const FILES = DESTINATIONS.filter(({ name, files }) => files.length > 0 && name !== 'a command');

let settled: Settled;

beforeAll(async () => {
  settled = await settle(MEMORY);
});

afterAll(() => settled.place.remove());

function inPlace<Result>(plan: DeliveryPlan, work: (place: Workplace) => Promise<Result>): Promise<Result> {
  return inCopyOf(settled, (place) => {
    plan.destination.prepare(place, settled.secrets[plan.type]);
    return work(place);
  });
}

function runWith(place: Workplace, plan: DeliveryPlan, flags: readonly string[]): Promise<Ended> {
  return traced(place, commandOf(plan, place), flags);
}

function callsOf(plan: DeliveryPlan): Promise<readonly Call[]> {
  return callsIn(CALLS, TRIED, (flags) =>
    inPlace(plan, async (place) => {
      await runWith(place, plan, flags);
      return callsNoted(place);
    }),
  );
}

describe.each(OPERATIONS)('%s', (operation) => {
  describe.each(FILES)('to $name', (destination) => {
    const plan = planOf(operation, destination, 0);
    let calls: readonly Call[];

    beforeAll(async () => {
      calls = await callsOf(plan);
    });

    it('is killed at any call that changes the disk, and locks nobody out', async () => {
      const phases = await concurrently(calls, (at) =>
        inPlace(plan, async (place) => {
          const { signal, stdout } = await runWith(place, plan, injecting(at, 'signal=SIGKILL'));
          expect(signal).toBe('SIGKILL');
          const remains = await checkAftermath({ settled, plan, place, stdout });
          await checkRetry(remains);
          return remains.phase;
        }),
      );
      expect(new Set(phases)).toEqual(new Set(['before A', 'between A and B', 'after B']));
    });

    it('meets a fault at any call that changes the disk, and what its exit code claims is so', async () => {
      const exitCodes = await concurrently(calls, (at) =>
        inPlace(plan, async (place) => {
          const ended = await runWith(place, plan, injecting(at, 'error=EIO'));
          expect(readFileSync(callLog(place), 'utf8')).toContain('(INJECTED)');
          await checkClaim(place, plan, ended, `${at.call} ${at.n}: exit ${ended.exitCode}, ${ended.stderr}`);
          return ended.exitCode;
        }),
      );
      expect(exitCodes).toContain(6);
      expect(exitCodes).toContain(8);
    });
  });
});

/**
 * Exit 0 and 7 say that the secret was handed over, 6 and 8 that it was not; whatever the file holds is good, now
 * and later, and so is what was good before.
 */
async function checkClaim(place: Workplace, plan: DeliveryPlan, ended: Ended, what: string): Promise<void> {
  expect([0, 6, 7, 8], what).toContain(ended.exitCode);
  const earlier: readonly string[] = Object.values(settled.secrets);
  const arrived = secretsIn(plan.destination.arrived(place, ended.stdout));
  const isNew = arrived.some((secret) => !earlier.includes(secret));
  expect(isNew, what).toBe(ended.exitCode === 0 || ended.exitCode === 7);
  for (const name of readdirSync(place.outputs).filter((file) => !plan.destination.files.includes(file))) {
    expect(readFileSync(place.output(name), 'utf8'), `${name} after ${what}`).toBe('');
  }
  await probing(place, async (probe) => {
    for (const offset of [0, AFTER_LAPSE]) {
      probe.setClock(offset);
      for (const secret of [...arrived, ...earlier])
        expect(await verdictOn(probe, secret), what).toBe('valid');
    }
    expect(await faultsIn(probe)).toEqual([]);
  });
}
