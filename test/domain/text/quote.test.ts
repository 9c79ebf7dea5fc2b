import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { quote, shellCommand, shellWord } from '../../../src/domain/text/quote.js';

const HANDLE = 'cctl_key_0123456789AB';
const REST = '003aUlTJC7tjlCTQj2uNU3MFagCXG9LRKRcwGkBIDlf3G6fTG';

describe('quoted text', () => {
  it.each(['', 'data:users@org/acme', 'ünï', '日本語', 'Ελληνικά', 'cafe\u0301', '😀❤️', '…'])(
    'shows what prints as it is, between double quotes: %s',
    (text) => {
      expect(quote(text)).toBe(`"${text}"`);
    },
  );

  it.each([
    ['say "hi"', '"say \\"hi\\""'],
    ['back\\slash', '"back\\\\slash"'],
    ['two\nlines\t', '"two\\nlines\\u{9}"'],
    ['\u001b[31mred\u007f', '"\\u{1b}[31mred\\u{7f}"'],
    ['right\u202eleft', '"right\\u{202e}left"'],
    ['zero\u200bwidth\u200d\ufeff', '"zero\\u{200b}width\\u{200d}\\u{feff}"'],
    ['tag\u{e0041}', '"tag\\u{e0041}"'],
    ['blank\u00a0and\u3000wide', '"blank\\u{a0}and\\u{3000}wide"'],
    ['\u0301on the mark', '"\\u{301}on the mark"'],
    ['private\ue000, unassigned\u0378', '"private\\u{e000}, unassigned\\u{378}"'],
    ['\ud800', '"\\u{d800}"'],
  ])('escapes the rest of %j', (text, shown) => {
    expect(quote(text)).toBe(shown);
  });

  it('is cut off after 80 characters', () => {
    expect(quote('x'.repeat(80))).toBe(`"${'x'.repeat(80)}"`);
    expect(quote('x'.repeat(81))).toBe(`"${'x'.repeat(80)}…"`);
    expect(quote('😀'.repeat(80))).toBe(`"${'😀'.repeat(80)}"`);
    expect(quote('😀'.repeat(100_000))).toBe(`"${'😀'.repeat(80)}…"`);
  });

  it('keeps the handle of a secret and nothing after it', () => {
    expect(quote(HANDLE)).toBe(`"${HANDLE}"`);
    expect(quote(`${HANDLE}${REST}`)).toBe(`"${HANDLE}…"`);
    expect(quote(`data:${HANDLE}${REST}@org/a`)).toBe(`"data:${HANDLE}…@org/a"`);
    expect(quote(`acme2_sec_0123456789AB${REST} acme2_tok_0123456789ABx`)).toBe(
      '"acme2_sec_0123456789AB… acme2_tok_0123456789AB…"',
    );
  });

  it('gives no secret away that is cut off, damaged or in the wrong case', () => {
    expect(quote(`${'x'.repeat(50)} ${HANDLE}${REST}`)).toBe(`"${'x'.repeat(50)} ${HANDLE}…"`);
    expect(quote(`${HANDLE}${REST}`.toUpperCase())).toBe('"CCTL_KEY_0123456789AB…"');
    expect(quote(`é_key_0123456789AB${REST}`)).toBe('"é_key_0123456789AB…"');
  });

  it('is one line of what prints, whatever comes in', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
        expect(quote(text)).toMatch(/^"[^\p{C}\p{Zl}\p{Zp}]*"$/u);
      }),
    );
  });

  it('never contains more of a secret than its handle', () => {
    const base62 = fc.stringMatching(/^[0-9A-Za-z]{43}$/);
    fc.assert(
      fc.property(fc.string({ maxLength: 90 }), base62, fc.string(), (before, secret, after) => {
        expect(quote(`${before}${HANDLE}${secret}${after}`)).not.toContain(secret.slice(0, 6));
      }),
    );
  });
});

describe('a command in a sentence', () => {
  it('stands in quotes, but for those that a word of it has', () => {
    expect(shellCommand(`credctl show ${shellWord('ci-bot')}`)).toBe("'credctl show ci-bot'");
    expect(shellCommand(`credctl show ${shellWord('x; rm -rf /')}`)).toBe("credctl show 'x; rm -rf /'");
  });
});
