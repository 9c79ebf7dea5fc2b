import { describe, expect, it } from 'vitest';
import {
  byLastUse,
  describeLastUse,
  isUnusedSince,
  wasUsedAfter,
} from '../../../src/domain/credential/use.js';

const AT = Date.UTC(2030, 0, 31, 12);

describe('a last use', () => {
  it('counts as after a time when it is later, and never when there was none', () => {
    expect(wasUsedAfter({ lastUsedAt: AT }, AT - 1)).toBe(true);
    expect(wasUsedAfter({ lastUsedAt: AT }, AT)).toBe(false);
    expect(wasUsedAfter({ lastUsedAt: null }, 0)).toBe(false);
  });

  it('that is missing leaves the age to count', () => {
    expect(isUnusedSince({ createdAt: AT, lastUsedAt: null }, AT)).toBe(true);
    expect(isUnusedSince({ createdAt: AT, lastUsedAt: null }, AT - 1)).toBe(false);
    expect(isUnusedSince({ createdAt: AT - 9, lastUsedAt: AT }, AT - 1)).toBe(false);
    expect(isUnusedSince({ createdAt: AT - 9, lastUsedAt: AT }, AT)).toBe(true);
  });

  it('is told with time and address, as far as they are known', () => {
    expect(describeLastUse({ lastUsedAt: null, lastUsedFrom: null })).toBe('never used');
    expect(describeLastUse({ lastUsedAt: AT, lastUsedFrom: null })).toBe(
      'last used 2030-01-31T12:00:00.000Z',
    );
    expect(describeLastUse({ lastUsedAt: AT, lastUsedFrom: '192.0.2.7' }, () => 'today')).toBe(
      'last used today from 192.0.2.7',
    );
  });

  it('orders the latest first, and the never used last', () => {
    const uses = [null, AT, AT + 1].map((lastUsedAt) => ({ lastUsedAt }));
    expect(uses.sort(byLastUse).map(({ lastUsedAt }) => lastUsedAt)).toEqual([AT + 1, AT, null]);
  });
});
