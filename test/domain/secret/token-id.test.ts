import { describe, expect, it } from 'vitest';
import { drawTokenId, type RandomBytes } from '../../../src/domain/secret/secret-format.js';

describe('the id of an access token', () => {
  it('tells the second in which it was drawn, and comes round after 29 years', () => {
    const none: RandomBytes = (length) => new Uint8Array(length);
    expect(drawTokenId(none, 0)).toBe('000000000000');
    expect(drawTokenId(none, 61_999)).toBe('0000z0000000');
    expect(drawTokenId(none, 62_000)).toBe('000100000000');
    expect(drawTokenId(none, (62 ** 5 - 1) * 1_000)).toBe('zzzzz0000000');
    expect(drawTokenId(none, 62 ** 5 * 1_000)).toBe('000000000000');
    expect(drawTokenId(none, -1)).toBe('000000000000');
  });

  it('is drawn without bias in the rest', () => {
    let next = 0;
    // Every byte in turn: each character must come up equally often, the eight bytes that do not divide left out.
    const bytes: RandomBytes = (length) => Uint8Array.from({ length }, () => next++ % 256);
    const seen = new Map<string, number>();
    for (let n = 0; n < 256 * 62; n += 1) {
      for (const character of drawTokenId(bytes, 0).slice(5)) {
        seen.set(character, (seen.get(character) ?? 0) + 1);
      }
    }
    const counts = [...seen.values()];
    expect(counts).toHaveLength(62);
    expect(Math.max(...counts) - Math.min(...counts)).toBeLessThan(0.01 * Math.max(...counts));
  });
});
