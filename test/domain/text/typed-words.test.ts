import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { plainWord, typedWords } from '../../../src/domain/text/typed-words.js';

function texts(line: string, quoting: 'sh' | 'fish' = 'sh'): readonly string[] {
  return typedWords(line, quoting).map(({ text }) => text);
}

describe('the words of a line', () => {
  it.each<readonly [line: string, texts: readonly string[]]>([
    ['', ['']],
    ['show', ['show']],
    ['show ', ['show', '']],
    ['  show\t  a ', ['show', 'a', '']],
    ['show \'a b\' "c d" e\\ f', ['show', 'a b', 'c d', 'e f']],
    ["it\\'s '' a'b'\"c\"", ["it's", '', 'abc']],
    ['"say \\"a\\"" "a\\b"', ['say "a"', 'a\\b']],
    ['show "a b', ['show', 'a b']],
    ["show 'a ", ['show', 'a ']],
    ['show a\\', ['show', 'a']],
    ['--scope=data:us', ['--scope=data:us']],
    ['a\u00a0b é', ['a\u00a0b', 'é']],
    ["show 'a\\' b", ['show', 'a\\', 'b']],
  ])('are those of a shell: %j', (line, expected) => {
    expect(texts(line)).toEqual(expected);
  });

  it('have a backslash in the single quotes of fish', () => {
    expect(texts("show 'it\\'s' 'a\\\\b", 'fish')).toEqual(['show', "it's", 'a\\b']);
  });

  it.each([
    ['a', ''],
    ["'a", "'"],
    ['"a', '"'],
    ['"a\\"', '"'],
    ['"a"', ''],
    ['"a"\'b', "'"],
  ])('tell which quote they leave open: %s', (line, quote) => {
    expect(typedWords(line, 'sh').at(-1)?.quote).toBe(quote);
  });

  it.each(['$HOME/a', '"$HOME"', '$(touch x)', 'a$(echo (b) c', '`touch x`', '"`x`"', '<(a b)'])(
    'do not stand for themselves where the shell puts something in their place: %s',
    (line) => {
      expect(typedWords(line, 'sh')).toMatchObject([{ raw: line, isLiteral: false }]);
    },
  );

  it.each(["'$HOME'", '\\$HOME', '"\\$HOME"', '~/a', 'a*'])('stand for themselves: %s', (line) => {
    expect(typedWords(line, 'sh')).toMatchObject([{ raw: line, isLiteral: true }]);
  });

  it('are what they were before they were quoted', () => {
    const words = fc.array(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 8 }), { maxLength: 5 });
    fc.assert(
      fc.property(words, (quoted) => {
        const line = quoted.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(' ');
        return texts(line).join('\0') === quoted.join('\0');
      }),
    );
  });

  it('are found in any line, and no letter is lost', () => {
    const lines = fc.string({ unit: fc.constantFrom(...' \t\'"\\`$()ab') });
    fc.assert(
      fc.property(lines, fc.constantFrom('sh', 'fish'), (line, quoting) => {
        const raw = typedWords(line, quoting).map((word) => word.raw);
        expect(raw.join('').replaceAll(/\s/g, '')).toBe(line.replaceAll(/\s/g, ''));
      }),
    );
  });
});

describe('a plain word', () => {
  it('stands for itself', () => {
    expect(plainWord("$a 'b")).toEqual({ raw: "$a 'b", text: "$a 'b", quote: '', isLiteral: true });
  });
});
