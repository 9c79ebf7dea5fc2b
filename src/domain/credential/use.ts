import { formatInstant } from '../duration.js';

/** The last use of a credential or of a version; the time in epoch milliseconds. */
export interface LastUse {
  readonly lastUsedAt: number | null;
  readonly lastUsedFrom: string | null;
}

/** Whether it was used after `time` (epoch milliseconds). */
export function wasUsedAfter({ lastUsedAt }: Pick<LastUse, 'lastUsedAt'>, time: number): boolean {
  return lastUsedAt !== null && lastUsedAt > time;
}

/** Whether it was neither used nor created after `time` (epoch milliseconds): what a listing calls unused. */
export function isUnusedSince(
  of: Pick<LastUse, 'lastUsedAt'> & { readonly createdAt: number },
  time: number,
): boolean {
  return of.createdAt <= time && !wasUsedAfter(of, time);
}

/**
 * `last used 2030-01-31T12:00:00.000Z from 192.0.2.7`, or `never used`.
 *
 * @param format of the time, given in epoch milliseconds; RFC 3339 by default
 */
export function describeLastUse(
  { lastUsedAt, lastUsedFrom }: LastUse,
  format: (time: number) => string = formatInstant,
): string {
  if (lastUsedAt === null) return 'never used';
  return `last used ${format(lastUsedAt)}${lastUsedFrom === null ? '' : ` from ${lastUsedFrom}`}`;
}

/** Orders by last use, the most recent first and the never used last. */
export function byLastUse(a: Pick<LastUse, 'lastUsedAt'>, b: Pick<LastUse, 'lastUsedAt'>): number {
  return (b.lastUsedAt ?? -1) - (a.lastUsedAt ?? -1);
}
