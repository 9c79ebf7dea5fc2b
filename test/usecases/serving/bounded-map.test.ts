import { expect, it } from 'vitest';
import { BoundedMap } from '../../../src/usecases/serving/bounded-map.js';

it('keeps what is asked for, and never more than its limit', () => {
  const map = new BoundedMap<number>(100);
  map.set('wanted', -1);
  for (let n = 0; n < 10_000; n += 1) {
    map.set(String(n), n);
    expect(map.get('wanted')).toBe(-1);
  }
  const kept = Array.from({ length: 10_000 }, (_, n) => map.get(String(n))).filter(
    (value) => value !== undefined,
  );
  expect(kept.length).toBeLessThanOrEqual(100);
  expect(kept.length).toBeGreaterThan(20);
});

it('forgets what is deleted, wherever it has got to', () => {
  const map = new BoundedMap<number>(4);
  for (const key of ['a', 'b', 'c', 'd']) map.set(key, 1);
  for (const key of ['a', 'b', 'c', 'd']) map.delete(key);
  expect(['a', 'b', 'c', 'd'].map((key) => map.get(key))).toEqual([
    undefined,
    undefined,
    undefined,
    undefined,
  ]);
  map.set('e', 1);
  map.clear();
  expect(map.get('e')).toBeUndefined();
});
