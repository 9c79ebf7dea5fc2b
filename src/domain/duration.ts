import { usageError } from './errors.js';
import { quote } from './text/quote.js';

/** A duration: its text and its length in milliseconds. */
export interface Duration {
  readonly text: string;
  readonly ms: number;
}

/** Milliseconds per UTC day (no daylight saving). */
const DAY_MS = 86_400_000;

/** Maximum duration in milliseconds: 36500 days. */
export const MAX_DURATION_MS = 36_500 * DAY_MS;

const UNIT_MS: ReadonlyMap<string, number> = new Map([
  ['s', 1_000],
  ['m', 60_000],
  ['h', 3_600_000],
  ['d', DAY_MS],
  ['w', 604_800_000],
]);

const DURATION = /^(0|[1-9][0-9]*)([smhdw])$/;
const INSTANT =
  /^(\d{4})-(\d{2})-(\d{2})[Tt](\d{2}):(\d{2}):(\d{2})(?:\.(\d+))?(?:[Zz]|([+-])(\d{2}):(\d{2}))$/;
const LAST_INSTANT = Date.UTC(9999, 11, 31, 23, 59, 59, 999);

const DURATION_HINT = 'write a whole number and one of the units s, m, h, d, w, such as 90s, 24h or 90d';
const INSTANT_HINT = 'write a time with its offset (RFC 3339), such as 2030-01-31T12:00:00Z';

/**
 * Parses a duration `<integer><unit>` with the units s, m, h, d, w, at most 36500d; `0` with `allowZero`.
 *
 * @throws CredctlError `usage` for anything else, including a sign, a fraction, a space or a leading zero
 */
export function parseDuration(text: string, options: { readonly allowZero?: boolean } = {}): Duration {
  const allowZero = options.allowZero === true;
  if (text === '0' && allowZero) return { text, ms: 0 };
  const [, count, unit] = DURATION.exec(text) ?? [];
  const unitMs = UNIT_MS.get(unit ?? '');
  if (count === undefined || unitMs === undefined) {
    throw usageError(`${quote(text)} is not a duration`, DURATION_HINT);
  }
  const ms = Number(count) * unitMs;
  if (ms > MAX_DURATION_MS) throw usageError(`${quote(text)} is longer than 36500d`, 'give at most 36500d');
  if (ms === 0 && !allowZero)
    throw usageError(`the duration ${quote(text)} is zero`, 'give a longer one, such as 90d');
  return { text, ms };
}

/**
 * Parses a date and time with an offset (RFC 3339 §5.6), from 1970 to 9999 in UTC, to epoch milliseconds.
 * Digits beyond milliseconds are truncated; leap seconds are refused, as epoch time has none.
 *
 * @throws CredctlError `usage` for another form, or a date or time that does not exist
 */
export function parseInstant(text: string): number {
  const match = INSTANT.exec(text);
  if (match === null) throw usageError(`${quote(text)} is not a time with an offset`, INSTANT_HINT);
  const [, year, month, day, hour, minute, second, fraction, sign, offsetHours, offsetMinutes] = match;
  const midnight = calendarDay(Number(year), Number(month), Number(day));
  const time = timeOfDay(Number(hour), Number(minute), Number(second));
  const offset = timeOfDay(Number(offsetHours ?? 0), Number(offsetMinutes ?? 0), 0);
  if (midnight === null || time === null || offset === null) {
    throw usageError(`there is no such time as ${quote(text)}`, INSTANT_HINT);
  }
  const ms = Number((fraction ?? '').slice(0, 3).padEnd(3, '0'));
  const instant = midnight + time + ms - (sign === '-' ? -offset : offset);
  if (instant < 0 || instant > LAST_INSTANT) {
    throw usageError(`${quote(text)} is not between the years 1970 and 9999`, INSTANT_HINT);
  }
  return instant;
}

/**
 * Formats epoch milliseconds as RFC 3339 in UTC with milliseconds, such as `2030-01-31T12:00:00.000Z`.
 *
 * @throws RangeError when it is not a valid time
 */
export function formatInstant(ms: number): string {
  return new Date(ms).toISOString();
}

/** Formats milliseconds in the largest unit up to days that divides them, such as `36h`; below a second in `ms`. */
export function formatDuration(ms: number): string {
  for (const unit of ['d', 'h', 'm', 's']) {
    const length = UNIT_MS.get(unit) ?? 1;
    if (ms >= length && ms % length === 0) return `${ms / length}${unit}`;
  }
  return `${ms}ms`;
}

function calendarDay(year: number, month: number, day: number): number | null {
  const date = new Date(Date.UTC(year, month - 1, day));
  // Date normalises 30 February to March, and maps the years 0 to 99 to 1900 to 1999.
  const exists =
    date.getUTCFullYear() === year && date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
  return exists ? date.getTime() : null;
}

function timeOfDay(hour: number, minute: number, second: number): number | null {
  if (hour > 23 || minute > 59 || second > 59) return null;
  return ((hour * 60 + minute) * 60 + second) * 1_000;
}
