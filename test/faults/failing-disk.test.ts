import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkAftermath } from '../support/aftermath.js';
import { concurrently, times } from '../support/concurrently.js';
import {
  commandOf,
  DESTINATIONS,
  type DeliveryPlan,
  OPERATIONS,
  planOf,
  type Settled,
  settle,
} from '../support/interrupted-delivery.js';
import { type Ended, PROGRAM, runIn } from '../support/real-program.js';
import { checkRetry } from '../support/retry-after-kill.js';
import { AFTER_LAPSE, faultsIn, probing, secretsIn, verdictOn } from '../support/store-probe.js';
import { MEMORY, type Workplace } from '../support/workplace.js';
import '../support/patience.js';

/** The calls by which the program and SQLite change the disk, as strace matches them. */
const CALLS = ['/^fsync$|^fdatasync$', '/^rename(at2?)?$', '/^pwrite64$', '/^unlink(at)?$'];

/** Of the many writes into the store, so many are tried. */
const TRIED = 14;

/** The files that the program makes itself: stdout leaves none, and what a command writes is its own business. */
const FILES = DESTINATIONS.filter(({ name, files }) => files.length > 0 && name !== 'a command');

let settled: Settled;

beforeAll(async () => {
  settled = await settle(MEMORY);
});

afterAll(() => settled.place.remove());

/** A call that is tampered with: the n-th of its kind. */
interface Injection {
  readonly call: string;
  readonly n: number;
}

async function inPlace<Result>(
  plan: DeliveryPlan,
  work: (place: Workplace) => Promise<Result>,
): Promise<Result> {
  const place = settled.place.copy();
  try {
    plan.destination.prepare(place, settled.secrets[plan.type]);
    return await work(place);
  } finally {
    place.remove();
  }
}

/** Runs the real program under strace, which makes something happen at one of its calls. */
function runWith(place: Workplace, plan: DeliveryPlan, flags: readonly string[]): Promise<Ended> {
  const trace = ['strace', '-f', '-qq', '-o', logOf(place), ...flags];
  return runIn(place, [...trace, process.execPath, PROGRAM, ...commandOf(plan, place)]);
}

function logOf(place: Workplace): string {
  return join(place.root, 'tmp', 'strace.log');
}

/** Every call of each kind in a run that goes well; of the many, a selection that is spread over all. */
async function injectionsFor(plan: DeliveryPlan): Promise<readonly Injection[]> {
  const perCall = await concurrently(CALLS, (call) =>
    inPlace(plan, async (place) => {
      await runWith(place, plan, ['-e', `trace=${call}`]);
      const count = readFileSync(logOf(place), 'utf8').split('\n').length - 1;
      const step = Math.max(1, count / TRIED);
      return times(Math.min(count, TRIED)).map((n) => ({ call, n: Math.floor(n * step) + 1 }));
    }),
  );
  return perCall.flat();
}

describe.each(OPERATIONS)('%s', (operation) => {
  describe.each(FILES)('to $name', (destination) => {
    const plan = planOf(operation, destination, 0);

    it('is killed at any call that changes the disk, and locks nobody out', async () => {
      const phases = await concurrently(await injectionsFor(plan), ({ call, n }) =>
        inPlace(plan, async (place) => {
          const inject = `inject=${call}:signal=SIGKILL:when=${n}`;
          const { signal, stdout } = await runWith(place, plan, ['-e', `trace=${call}`, '-e', inject]);
          expect(signal).toBe('SIGKILL');
          const remains = await checkAftermath({ settled, plan, place, stdout });
          await checkRetry(remains);
          return remains.phase;
        }),
      );
      expect(new Set(phases)).toEqual(new Set(['before A', 'between A and B', 'after B']));
    });

    it('meets a fault at any call that changes the disk, and what its exit code claims is so', async () => {
      const exitCodes = await concurrently(await injectionsFor(plan), ({ call, n }) =>
        inPlace(plan, async (place) => {
          const inject = `inject=${call}:error=EIO:when=${n}`;
          const ended = await runWith(place, plan, ['-e', `trace=${call}`, '-e', inject]);
          expect(readFileSync(logOf(place), 'utf8')).toContain('(INJECTED)');
          await checkClaim(place, plan, ended, `${call} ${n}: exit ${ended.exitCode}, ${ended.stderr}`);
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
