import type { AuditEvent } from './audit-event.js';
import type { JsonValue } from './text/canonical-json.js';

/** Tolerance for a clock behind the newest event, in milliseconds: clocks of two machines differ slightly. */
export const TOLERATED_BEHIND_MS = 5 * 60_000;

/** Tolerance for a clock ahead of it, in milliseconds: a store may see only one rotation a year. */
const TOLERATED_AHEAD_MS = 400 * 86_400_000;

/** Lower bound of any right clock, in epoch milliseconds: before the program existed. */
const EARLIEST = Date.UTC(2026, 0, 1);

/** A clock that contradicts the audit trail. Times are epoch milliseconds. */
export interface ClockDoubt {
  readonly direction: 'behind' | 'ahead';
  /** The difference, in milliseconds. */
  readonly ms: number;
  /** The clock's reading. */
  readonly now: number;
  /** Time of the contradicting event; null where the reading predates the program. */
  readonly eventAt: number | null;
  /**
   * For a clock that is ahead: time of the last event not written by a clock in doubt, since the clock always
   * agrees with its own events. Null where there is none.
   */
  readonly lastCertainAt: number | null;
}

/**
 * Compares a clock with the newest event. Where that was written by a clock that was ahead, the clock must also
 * agree with the last certain event before it, as it always agrees with what it wrote itself.
 *
 * @param now epoch milliseconds
 * @param newest the event with the highest number; null where there is none
 */
export function clockDoubt(
  now: number,
  newest: Pick<AuditEvent, 'at' | 'details'> | null,
): ClockDoubt | null {
  const at = newest?.at ?? EARLIEST;
  if (now < at - TOLERATED_BEHIND_MS) {
    return { direction: 'behind', ms: at - now, now, eventAt: newest?.at ?? null, lastCertainAt: null };
  }
  if (now < EARLIEST) {
    return { direction: 'behind', ms: EARLIEST - now, now, eventAt: null, lastCertainAt: null };
  }
  if (newest === null) return null;
  const certain = lastCertainAt(newest.details['clock']) ?? newest.at;
  const reference = now > newest.at + TOLERATED_AHEAD_MS ? newest.at : certain;
  if (now <= reference + TOLERATED_AHEAD_MS) return null;
  return {
    direction: 'ahead',
    ms: now - reference,
    now,
    eventAt: reference,
    lastCertainAt: certain < EARLIEST ? null : certain,
  };
}

/**
 * The detail `clock` of the events of a change.
 *
 * @param isTrusted whether the user vouches for the clock
 */
export function clockDetail(doubt: ClockDoubt, isTrusted: boolean): JsonValue {
  return {
    [`${doubt.direction}_ms`]: doubt.ms,
    ...(isTrusted ? { trusted: true } : {}),
    ...(isTrusted || doubt.lastCertainAt === null ? {} : { last_certain_at: doubt.lastCertainAt }),
  };
}

function lastCertainAt(detail: JsonValue | undefined): number | null {
  if (typeof detail !== 'object' || detail === null || !('last_certain_at' in detail)) return null;
  const at: unknown = detail['last_certain_at'];
  return typeof at === 'number' && Number.isSafeInteger(at) ? at : null;
}
