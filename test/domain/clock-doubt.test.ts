import { describe, expect, it } from 'vitest';
import type { AuditEvent } from '../../src/domain/audit-event.js';
import { clockDetail, clockDoubt } from '../../src/domain/clock-doubt.js';

const MINUTE = 60_000;
const DAY = 86_400_000;
const THEN = Date.UTC(2026, 10, 29);

type Newest = Pick<AuditEvent, 'at' | 'details'>;

const certain: Newest = { at: THEN, details: {} };

/** The event that a clock writes after `newest`, as the trail keeps it. */
function written(now: number, newest: Newest, isTrusted = false): Newest {
  const doubt = clockDoubt(now, newest);
  return { at: now, details: doubt === null ? {} : { clock: clockDetail(doubt, isTrusted) } };
}

describe('a clock', () => {
  it.each([
    ['a little behind the newest event, as two machines are', -5 * MINUTE],
    ['as old as the newest event', 0],
    ['a year ahead, as that of a store with a yearly rotation', 366 * DAY],
    ['400 days ahead', 400 * DAY],
  ])('is not in doubt: %s', (_what, by) => {
    expect(clockDoubt(THEN + by, certain)).toBeNull();
  });

  it.each([
    ['more than 5 minutes behind', -5 * MINUTE - 1, 'behind'],
    ['in 1970', 1 - THEN, 'behind'],
    ['more than 400 days ahead', 400 * DAY + 1, 'ahead'],
    ['in 2069', 43 * 365 * DAY, 'ahead'],
  ])('is in doubt: %s', (_what, by, direction) => {
    expect(clockDoubt(THEN + by, certain)).toEqual({
      direction,
      ms: Math.abs(by),
      now: THEN + by,
      eventAt: THEN,
      lastCertainAt: direction === 'ahead' ? THEN : null,
    });
  });

  it('is in doubt where it is older than the program, whatever the newest event says', () => {
    const wrong = Date.UTC(1980, 0, 1);
    const doubt = { direction: 'behind', now: wrong, eventAt: null, lastCertainAt: null };
    expect(clockDoubt(wrong, null)).toMatchObject(doubt);
    expect(clockDoubt(wrong, { at: wrong, details: {} })).toMatchObject(doubt);
  });

  it('cannot be doubted where there is no event', () => {
    expect(clockDoubt(THEN, null)).toBeNull();
  });

  it.each([
    ['ahead', THEN + 43 * 365 * DAY],
    ['behind', 0],
  ])('stays in doubt after events of its own: %s', (direction, wrong) => {
    let newest = certain;
    for (let event = 1; event <= 3; event += 1) {
      expect(clockDoubt(wrong + event, newest)?.direction).toBe(direction);
      newest = written(wrong + event, newest);
    }
  });

  it.each([
    ['ahead', THEN + 43 * 365 * DAY, 'behind'],
    ['behind', 0, 'ahead'],
  ])(
    'that is right is in doubt once after a wrong one that was %s, and its event heals it',
    (_what, wrong, seems) => {
      const newest = written(wrong + 1, written(wrong, certain));
      const right = THEN + DAY;
      expect(clockDoubt(right, newest)).toMatchObject({ direction: seems, lastCertainAt: null });
      expect(clockDoubt(right, written(right, newest))).toBeNull();
    },
  );

  it.each([
    ['ahead', THEN + 43 * 365 * DAY],
    ['behind', Date.UTC(1980, 0, 1)],
    ['an hour ahead', THEN + 3_600_000],
  ])(
    'that is right is healed by its own event also where somebody had vouched for the wrong one: %s',
    (_what, wrong) => {
      const right = THEN;
      const healed = written(right, written(wrong, written(wrong, certain, true)));
      expect(clockDoubt(right + 1, healed)).toBeNull();
    },
  );

  it('is believed from then on when somebody vouches for it', () => {
    const idle = THEN + 500 * DAY;
    const newest = written(idle + 1, written(idle, certain), true);
    expect(newest.details['clock']).toEqual({ ahead_ms: 500 * DAY + 1, trusted: true });
    expect(clockDoubt(idle + 2, newest)).toBeNull();
  });

  it.each([[null], ['x'], [{ last_certain_at: 'x' }], [{ last_certain_at: 0.5 }], [{}]])(
    'is compared with the time of the event alone where its detail makes no sense: %j',
    (clock) => {
      expect(clockDoubt(THEN, { at: THEN, details: { clock } })).toBeNull();
    },
  );
});
