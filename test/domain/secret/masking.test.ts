import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createMasker, encodingsOf, MASK } from '../../../src/domain/secret/masking.js';
import { composeSecret } from '../../../src/domain/secret/secret-format.js';

const SECRET = composeSecret('cctl', 'key', '0123456789AB', '003aUlTJC7tjlCTQj2uNU3MFagCXG9LRKRcwGkBIDlf');

function maskAll(texts: readonly string[], pieces: readonly string[]): readonly string[] {
  const masker = createMasker(texts);
  return [...pieces.map((piece) => masker.push(piece)), masker.end()];
}

/** The definition: the first text counts, and of those that begin together the longest. */
function maskedAtOnce(texts: readonly string[], output: string): string {
  let passed = '';
  for (let at = 0; at < output.length; ) {
    const here = texts.filter((text) => text !== '' && output.startsWith(text, at));
    const length = Math.max(0, ...here.map((text) => text.length));
    passed += length > 0 ? MASK : output.charAt(at);
    at += Math.max(length, 1);
  }
  return passed;
}

/** Cuts a text at random places. */
const cut = (output: string): fc.Arbitrary<readonly string[]> =>
  fc
    .array(fc.nat(output.length))
    .map((places) =>
      [0, ...places.sort((a, b) => a - b), output.length].map((place, index, all) =>
        output.slice(index === 0 ? 0 : all[index - 1], place),
      ),
    );

describe('a masker', () => {
  it.each([
    ['alone', SECRET, MASK],
    ['in a line', `key=${SECRET}\n`, `key=${MASK}\n`],
    ['twice in a row', SECRET + SECRET, MASK + MASK],
    ['after a beginning of itself', SECRET.slice(0, 30) + SECRET, SECRET.slice(0, 30) + MASK],
    ['with one character wrong', `${SECRET.slice(0, -1)}!`, `${SECRET.slice(0, -1)}!`],
  ])('replaces a secret %s, wherever it is split', (_, output, expected) => {
    for (let at = 0; at <= output.length; at += 1) {
      expect(maskAll([SECRET], [output.slice(0, at), output.slice(at)]).join('')).toBe(expected);
    }
    expect(maskAll([SECRET], output.split('')).join('')).toBe(expected);
  });

  it('gives, for any texts and any pieces, what replacing all at once would give', () => {
    const letters = fc.string({ unit: fc.constantFrom('a', 'b'), minLength: 1, maxLength: 6 });
    const output = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 40 });
    fc.assert(
      fc.property(
        fc.array(letters, { maxLength: 4 }),
        output.chain((text) => fc.tuple(fc.constant(text), cut(text))),
        (texts, [text, pieces]) => {
          expect(pieces.join('')).toBe(text);
          expect(maskAll(texts, pieces).join('')).toBe(maskedAtOnce(texts, text));
        },
      ),
      { numRuns: 5_000 },
    );
  });

  it('passes on at once what cannot be the beginning of a secret', () => {
    const masker = createMasker(encodingsOf(SECRET));
    for (const piece of ['Password: ', '50 %\r', 'done\n', '\u001b[2J', 'cctl_kex']) {
      expect(masker.push(piece)).toBe(piece);
    }
  });

  it('passes on what it held as soon as that turns out to be something else', () => {
    const masker = createMasker([SECRET]);
    expect(masker.push('a cctl_key_0123')).toBe('a ');
    expect(masker.push('x')).toBe('cctl_key_0123x');
    expect(masker.end()).toBe('');
  });

  it('holds a secret back that another one continues', () => {
    expect(maskAll(['ab', 'abcd'], ['ab', 'cd'])).toEqual(['', MASK, '']);
    expect(maskAll(['ab', 'abcd'], ['ab', 'ce'])).toEqual(['', `${MASK}ce`, '']);
    expect(maskAll(['ab', 'abcd'], ['ab'])).toEqual(['', MASK]);
  });

  it('replaces the telling beginning of a secret at which the output was cut off, not its public handle', () => {
    const handle = SECRET.slice(0, 21);
    expect(maskAll([SECRET], [`x ${SECRET.slice(0, 60)}`]).join('')).toBe(`x ${MASK}`);
    expect(maskAll([SECRET], [`x ${handle}`]).join('')).toBe(`x ${handle}`);
  });

  it('leaves every byte of other output as it is', () => {
    const bytes = Buffer.from(
      Array.from({ length: 70_000 }, (_, index) => (index * 31 + (index >> 8)) % 256),
    );
    const pieces = [bytes.subarray(0, 1), bytes.subarray(1, 40_001), bytes.subarray(40_001)];
    const passed = maskAll(
      encodingsOf(SECRET),
      pieces.map((piece) => piece.toString('latin1')),
    );
    expect(Buffer.from(passed.join(''), 'latin1').equals(bytes)).toBe(true);
  });

  it('changes nothing without texts', () => {
    expect(maskAll([], ['a', ''])).toEqual(['a', '', '']);
    expect(maskAll([''], ['a'])).toEqual(['a', '']);
  });
});

describe('what gives a secret away', () => {
  it.each([
    ['a header of HTTP Basic authentication', 'cctl_id_0123456789abcdef:', ''],
    ['one with another user', 'x:', ''],
    ['one with yet another', 'api:', '\n'],
    ['a Kubernetes Secret', '', ''],
    ['a JSON document', '{"key":"', '"}'],
  ])('is also %s', (_, before, after) => {
    const encoded = Buffer.from(`${before}${SECRET}${after}`).toString('base64');
    const masked = maskAll(encodingsOf(SECRET), [encoded]).join('');
    expect(masked).toContain(MASK);
    // At each end one character at most stands for bytes of the secret and of others, or is padding.
    const replaced = encoded.length - (masked.length - MASK.length);
    expect(replaced).toBeGreaterThanOrEqual(Math.floor((SECRET.length * 4) / 3) - 2);
  });
});
