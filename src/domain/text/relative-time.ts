import { counted } from './counted.js';

/** Units in ascending order: milliseconds, and the count from which the next one is used. */
const UNITS = [
  ['minute', 60_000, 60],
  ['hour', 3_600_000, 24],
  ['day', 86_400_000, 60],
  ['month', 2_629_746_000, 12],
  ['year', 31_556_952_000, Number.POSITIVE_INFINITY],
] as const;

/**
 * A time for people, rounded to one unit: `just now`, `5 minutes ago`, `3 days ago`, `in 2 days`. Months and years
 * are those of the Gregorian calendar on average.
 *
 * @param then epoch milliseconds
 * @param now epoch milliseconds
 */
export function relativeTime(then: number, now: number): string {
  const distance = Math.abs(then - now);
  const [minute] = UNITS;
  if (Math.round(distance / minute[1]) === 0) {
    return then <= now ? 'just now' : `in ${counted(Math.max(1, Math.round(distance / 1_000)), 'second')}`;
  }
  const length = inOneUnit(distance);
  return then < now ? `${length} ago` : `in ${length}`;
}

function inOneUnit(distance: number): string {
  for (const [unit, ms, end] of UNITS) {
    const count = Math.round(distance / ms);
    if (count < end) return counted(count, unit);
  }
  throw new RangeError(`${distance} is not a number of milliseconds`);
}

/**
 * An exact time with the relative one: `2026-11-26 14:03:11 UTC (3 days ago)`. What is no valid time is shown as its
 * number.
 *
 * @param then epoch milliseconds
 * @param now epoch milliseconds
 */
export function exactAndRelative(then: number, now: number): string {
  const date = new Date(then);
  if (Number.isNaN(date.getTime())) return String(then);
  const exact = date
    .toISOString()
    .replace('T', ' ')
    .replace(/\.\d+Z$/, ' UTC');
  return `${exact} (${relativeTime(then, now)})`;
}
