import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { safeForSheet, safeForTerminal, safeJson } from '../../../src/domain/text/safe-text.js';

/** The characters that must never reach a terminal, as ranges of code points. */
const DANGEROUS: readonly (readonly [number, number])[] = [
  [0x00, 0x1f],
  [0x7f, 0x9f],
  [0x61c, 0x61c],
  [0x200b, 0x200f],
  [0x2028, 0x2029],
  [0x202a, 0x202e],
  [0x2060, 0x2064],
  [0x2066, 0x2069],
  [0xd800, 0xdfff],
  [0xfeff, 0xfeff],
  [0xfff9, 0xfffb],
  [0xe0000, 0xe007f],
];

const dangerous = fc
  .constantFrom(...DANGEROUS)
  .chain(([from, to]) => fc.integer({ min: from, max: to }))
  .map((code) => String.fromCodePoint(code));
const anyText = fc
  .array(fc.oneof(dangerous, fc.string({ unit: 'binary', maxLength: 3 }), fc.constantFrom('=', '\n', '\\')))
  .map((parts) => parts.join(''));

function dangerousIn(text: string): string[] {
  return [...text].filter((character) => {
    const code = character.codePointAt(0) ?? 0;
    return DANGEROUS.some(([from, to]) => from <= code && code <= to);
  });
}

describe('text for a terminal', () => {
  it('shows every dangerous character as a visible escape', () => {
    for (const [from, to] of DANGEROUS) {
      for (let code = from; code <= to; code += 1) {
        const shown = code === 0x0a ? '\\n' : `\\u{${code.toString(16)}}`;
        expect(safeForTerminal(`a${String.fromCodePoint(code)}b`)).toBe(`a${shown}b`);
      }
    }
  });

  it('has no dangerous character left, whatever came in', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(dangerousIn(safeForTerminal(text))).toEqual([]);
        expect(dangerousIn(safeForTerminal(text, { newlines: 'keep' })).join('')).toMatch(/^\n*$/);
      }),
      { numRuns: 1_000 },
    );
  });

  it('keeps line feeds, and only these, when asked to', () => {
    expect(safeForTerminal('a\nb\r\n\t', { newlines: 'keep' })).toBe('a\nb\\u{d}\n\\u{9}');
    expect(safeForTerminal('a\nb', { newlines: 'escape' })).toBe('a\\nb');
  });

  it('also shows characters that Unicode draws as nothing', () => {
    for (const code of [0xad, 0x34f, 0x115f, 0x180e, 0x206a, 0x3164, 0xffa0, 0xe01ef]) {
      expect(safeForTerminal(String.fromCodePoint(code))).toBe(`\\u{${code.toString(16)}}`);
    }
  });

  it('leaves what people write as it is', () => {
    for (const text of ['', 'ci-bot', 'Grüße, 世界', 'שלום', 'e\u0301', '❤\ufe0f 😀', '…', '\\n', '\u00a0']) {
      expect(safeForTerminal(text)).toBe(text);
    }
  });

  it('does not change what is safe already', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const once = safeForTerminal(text);
        expect(safeForTerminal(once)).toBe(once);
      }),
    );
  });
});

describe('a cell for a spreadsheet', () => {
  it.each([
    ['=1+1', "'=1+1"],
    ['+1', "'+1"],
    ['-1', "'-1"],
    ['@SUM(A1)', "'@SUM(A1)"],
    ['＝1+1', "'＝1+1"],
    ['a=1', 'a=1'],
    ['', ''],
    ['-', "'-"],
    ['a\tb\nc', 'a\\u{9}b\\nc'],
    ['\t=1', '\\u{9}=1'],
    ['\n=1', '\\n=1'],
  ])('%j becomes %j', (cell, shown) => {
    expect(safeForSheet(cell)).toBe(shown);
  });

  it('starts no formula and breaks no row or column, whatever came in', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const cell = safeForSheet(text);
        expect(cell).not.toMatch(/^[=+\-@]|[\t\n\r]/);
        expect(dangerousIn(cell)).toEqual([]);
      }),
    );
  });
});

describe('JSON for a terminal', () => {
  it('writes dangerous characters as \\uXXXX', () => {
    expect(safeJson({ a: '\u001b[31m\u009b\u202e\u{e0041}\u007f' })).toBe(
      '{"a":"\\u001b[31m\\u009b\\u202e\\udb40\\udc41\\u007f"}',
    );
  });

  it('indents when asked to', () => {
    expect(safeJson({ a: ['\n'] }, 2)).toBe('{\n  "a": [\n    "\\n"\n  ]\n}');
  });

  it('has no dangerous character but its own line feeds, and parses to the same value', () => {
    const value = fc.dictionary(anyText, fc.oneof(anyText, fc.array(anyText)));
    fc.assert(
      fc.property(value, fc.constantFrom(undefined, 2), (input, indent) => {
        const json = safeJson(input, indent);
        expect(dangerousIn(json).join('')).toMatch(indent === undefined ? /^$/ : /^\n*$/);
        expect(JSON.parse(json)).toEqual(JSON.parse(JSON.stringify(input)));
      }),
    );
  });

  it('refuses what JSON cannot express', () => {
    expect(() => safeJson(undefined)).toThrow(TypeError);
  });
});
