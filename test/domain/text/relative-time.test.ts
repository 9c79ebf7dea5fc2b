import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exactAndRelative, relativeTime } from '../../../src/domain/text/relative-time.js';

const NOW = Date.UTC(2026, 10, 30, 12);
const [S, M, H, D] = [1_000, 60_000, 3_600_000, 86_400_000];

describe('a time for people', () => {
  it.each([
    [0, 'just now', 'just now'],
    [1, 'just now', 'in 1 second'],
    [20 * S, 'just now', 'in 20 seconds'],
    [30 * S - 1, 'just now', 'in 30 seconds'],
    [30 * S, '1 minute ago', 'in 1 minute'],
    [89 * S, '1 minute ago', 'in 1 minute'],
    [5 * M, '5 minutes ago', 'in 5 minutes'],
    [59 * M, '59 minutes ago', 'in 59 minutes'],
    [59.6 * M, '1 hour ago', 'in 1 hour'],
    [23 * H, '23 hours ago', 'in 23 hours'],
    [24 * H - 1, '1 day ago', 'in 1 day'],
    [2 * D - 5, '2 days ago', 'in 2 days'],
    [59 * D, '59 days ago', 'in 59 days'],
    [60 * D, '2 months ago', 'in 2 months'],
    [90 * D, '3 months ago', 'in 3 months'],
    [355 * D, '1 year ago', 'in 1 year'],
    [365 * D, '1 year ago', 'in 1 year'],
    [36_500 * D, '100 years ago', 'in 100 years'],
  ])('%i ms away: %s, %s', (distance, ago, ahead) => {
    expect(relativeTime(NOW - distance, NOW)).toBe(ago);
    expect(relativeTime(NOW + distance, NOW)).toBe(ahead);
  });

  it('is a count of one unit, whatever the distance', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 253_402_300_799_999 }), (then) => {
        expect(relativeTime(then, NOW)).toMatch(
          /^(?:just now|(?:in )?[1-9]\d* (?:second|minute|hour|day|month|year)s?(?: ago)?)$/,
        );
      }),
    );
  });
});

describe('an exact time for people', () => {
  it('is beside the relative one', () => {
    expect(exactAndRelative(NOW - 3 * D + 3_191_500, NOW)).toBe('2026-11-27 12:53:11 UTC (3 days ago)');
  });

  it('that is none is a number', () => {
    expect(exactAndRelative(1e300, NOW)).toBe('1e+300');
  });
});
