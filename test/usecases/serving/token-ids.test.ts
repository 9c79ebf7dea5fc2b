import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { TokenIds } from '../../../src/usecases/serving/token-ids.js';

describe('the ids of access tokens', () => {
  it('come in runs of neighbours, and no two are the same', () => {
    const ids = new TokenIds(randomBytes);
    const drawn = Array.from({ length: 1_024 }, () => ids.draw());
    for (const id of drawn) expect(id).toMatch(/^[0-9A-Za-z]{12}$/);
    expect(new Set(drawn).size).toBe(1_024);
    for (const [at, id] of drawn.entries()) expect(id.slice(0, 5)).toBe(drawn[at - (at % 16)]?.slice(0, 5));
    const leads = drawn.map((id) => id.slice(0, 3));
    const changes = leads.flatMap((lead, at) => (at > 0 && lead !== leads[at - 1] ? [at] : []));
    // Two runs in a row have the same beginning once in 238,328 times.
    expect([256, 512, 768]).toEqual(expect.arrayContaining(changes));
    expect(changes.length).toBeGreaterThanOrEqual(2);
  });

  it('are drawn without bias from beginning to end', () => {
    let next = 0;
    // Every byte in turn: each character must come up equally often, the eight bytes that do not divide left out.
    const ids = new TokenIds((length) => Uint8Array.from({ length }, () => next++ % 256));
    const seen = new Map<string, number>();
    for (let n = 0; n < 256 * 62; n += 1) {
      for (const character of ids.draw().slice(3)) seen.set(character, (seen.get(character) ?? 0) + 1);
    }
    const counts = [...seen.values()];
    expect(counts).toHaveLength(62);
    expect(Math.max(...counts) - Math.min(...counts)).toBeLessThan(0.01 * Math.max(...counts));
  });
});
