import { describe, expect, it } from 'vitest';
import { LONGEST_PLACE, MOST_PLACES, placeText, withPlace } from '../../../src/domain/leak/leak.js';
import { composeSecret } from '../../../src/domain/secret/secret-format.js';

describe('the place of a leak', () => {
  it('shows the handle of a secret alone, a cut-off one included', () => {
    const secret = composeSecret('cctl', 'key', '0123456789AB', 'S'.repeat(43));
    expect(placeText(`?k=${secret}&x`)).toBe('?k=cctl_key_0123456789AB…&x');
    expect(placeText(secret.slice(0, 40))).toBe('cctl_key_0123456789AB…');
  });

  it('has no character that could harm a terminal', () => {
    expect(placeText('a\u001b[2J\u202eb')).toBe('a\\u{1b}[2J\\u{202e}b');
  });

  it('is cut to a length, between characters', () => {
    expect(placeText('🐤'.repeat(LONGEST_PLACE + 1))).toBe(`${'🐤'.repeat(LONGEST_PLACE - 1)}…`);
    expect(placeText('x'.repeat(LONGEST_PLACE))).toBe('x'.repeat(LONGEST_PLACE));
  });
});

describe('the places of a leak', () => {
  it('are kept once each, and an empty one never', () => {
    const one = withPlace({ places: [], placeCount: 0 }, 'a');
    expect(one).toEqual({ places: ['a'], placeCount: 1 });
    expect(withPlace(one, 'a')).toEqual(one);
    expect(withPlace(one, '')).toEqual(one);
  });

  it('are the first ones and the last one, where there are many', () => {
    let all = { places: [] as readonly string[], placeCount: 0 };
    for (let n = 1; n <= MOST_PLACES + 5; n += 1) all = withPlace(all, `p${n}`);
    expect(all.placeCount).toBe(MOST_PLACES + 5);
    expect(all.places).toHaveLength(MOST_PLACES);
    expect(all.places.slice(-2)).toEqual([`p${MOST_PLACES - 1}`, `p${MOST_PLACES + 5}`]);
  });
});
