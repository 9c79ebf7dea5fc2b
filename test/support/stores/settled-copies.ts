import { expect } from 'vitest';
import { faultNumber } from '../faults/fault-numbers.js';
import { type Call, callsIn, callsNoted, traced } from '../faults/faulty-calls.js';
import { mustSucceed, type Settled } from '../faults/interrupted-delivery.js';
import type { Workplace } from '../program/workplace.js';
import { faultsIn, probing, verdictOn } from './store-probe.js';

/** The calls by which a copy of a store is made or put in place. */
const CALLS = [
  ...['/^fsync$', '/^fdatasync$', '/^link(at)?$', '/^rename(at2?)?$'],
  ...['/^pwrite64$', '/^mkdir(at)?$', '/^unlink(at)?$', '/^rmdir$'],
];

/** Of the many calls of a kind, so many are tried. */
const TRIED = Math.max(2, faultNumber(10));

/** Works in a copy of a settled workplace, which is removed after it. */
export async function inCopyOf<Result>(
  settled: Settled,
  work: (place: Workplace) => Promise<Result>,
): Promise<Result> {
  const place = settled.place.copy();
  try {
    return await work(place);
  } finally {
    place.remove();
  }
}

/** The secrets of the settled store are good in the store at a path, and it is sound. */
export async function expectWhole(store: string, settled: Settled): Promise<void> {
  await probing({ store }, async (probe) => {
    expect(await faultsIn(probe)).toEqual([]);
    for (const secret of Object.values(settled.secrets)) expect(await verdictOn(probe, secret)).toBe('valid');
  });
}

/** Calls by which a command changes the disk, spread over the whole of its run in a copy of a settled workplace. */
export function diskCallsOf(
  settled: Settled,
  argv: (place: Workplace) => readonly string[],
  prepare: (place: Workplace) => Promise<void>,
): Promise<readonly Call[]> {
  return callsIn(CALLS, TRIED, (flags) =>
    inCopyOf(settled, async (place) => {
      await prepare(place);
      mustSucceed(await traced(place, argv(place), flags));
      return callsNoted(place);
    }),
  );
}
