import type { AuditEvent } from './audit-event.js';
import type { JsonValue } from './text/canonical-json.js';

/** So far may a clock be behind the newest event: the clocks of two machines never agree exactly. */
export const TOLERATED_BEHIND_MS = 5 * 60_000;

/** So far may it be ahead: a store that only sees a yearly rotation is no reason for doubt. */
const TOLERATED_AHEAD_MS = 400 * 86_400_000;

/** When this program was first written: no clock was ever right that says less. */
const EARLIEST = Date.UTC(2026, 0, 1);

/** That a clock contradicts the audit trail. Times are epoch milliseconds. */
export interface ClockDoubt {
  readonly direction: 'behind' | 'ahead';
  /** By how much, in milliseconds. */
  readonly ms: number;
  /** What the clock said. */
  readonly now: number;
  /** The time of the event that it contradicts; null where it is older than the program itself. */
  readonly eventAt: number | null;
  /**
   * For a clock that is ahead, the last time that nothing spoke against: what it writes now must not be taken for a
   * proof of it. Null where there is none.
   */
  readonly lastCertainAt: number | null;
}

/**
 * Compares a clock with the newest event, whatever its time. Where that was written by a clock that was ahead, the
 * clock must also agree with the last event before: it always agrees with what it has written itself.
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
 * What the events of a change say of a clock in doubt, as their detail `clock`.
 *
 * @param isTrusted whether somebody has said that the clock is right
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
