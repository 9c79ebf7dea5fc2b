import { expect, it } from 'vitest';
import { readTokenScopes } from '../../../src/domain/scope/token-scopes.js';
import { ScopeLists } from '../../../src/storage/serving/scope-lists.js';

const text = (n: number) => JSON.stringify([`data:p${n}`]);

it('keeps lists by the size of their texts, not by their number', () => {
  const lists = new ScopeLists(100);
  const first = lists.of(text(0), readTokenScopes);
  expect(lists.of(text(0), readTokenScopes)).toBe(first);
  for (let n = 1; n < 1_000; n += 1) {
    expect(lists.of(text(n), readTokenScopes)).toEqual([`data:p${n}`]);
    expect(lists.characters).toBeLessThanOrEqual(100);
  }
  const long = JSON.stringify([`data:${'x'.repeat(200)}`]);
  expect(lists.of(long, readTokenScopes)).toEqual([`data:${'x'.repeat(200)}`]);
  expect(lists.characters).toBeLessThanOrEqual(100);
});

it('keeps nothing of what cannot be read', () => {
  const lists = new ScopeLists();
  expect(lists.of('["data"]', readTokenScopes)).toBeNull();
  expect(lists.characters).toBe(0);
});
