import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { REPLIES } from '../../../src/cli/completion/replies.js';
import { plainWord, typedWords } from '../../../src/domain/text/typed-words.js';
import { HOSTILE_NAMES } from './hostile-store.js';

/** What bash would write in place of the end of a word, for candidates that stand after `before`. */
function bash(typed: string, replaced: string, values: readonly string[], before = ''): readonly string[] {
  const candidates = values.map((value) => ({ value, meaning: 'not shown' }));
  const last = typedWords(typed, 'sh').at(-1) ?? plainWord('');
  return REPLIES.bash({ kind: 'value', before, candidates }, last, replaced);
}

describe('what bash is told', () => {
  it('begins with what was typed', () => {
    expect(bash('na', 'na', ['name', 'created'])).toEqual(['name']);
    expect(bash('"na', 'na', ['name', 'created'])).toEqual(['name']);
    expect(bash('x', 'x', ['name'])).toEqual([]);
  });

  it('takes the place of the end of the word alone', () => {
    expect(bash('data:us', 'us', ['data:users'])).toEqual(['users']);
    expect(bash('data:', '', ['data:users'])).toEqual(['users']);
    expect(bash('da\\ ta:us', 'us', ['da ta:users'])).toEqual(['users']);
    expect(bash('"data:us', 'data:us', ['data:users'])).toEqual(['data:users']);
    expect(bash('--sort=na', 'na', ['name'], '--sort=')).toEqual(['name']);
    expect(bash('--sort=na', '--sort=na', ['name'], '--sort=')).toEqual(['--sort=name']);
    expect(bash('--scope="data:us', 'data:us', ['data:users'], '--scope=')).toEqual(['data:users']);
  });

  it('is quoted as the quote that is open asks for, or left out where it cannot be', () => {
    const names = ['a b', "it's", '$(x)'];
    expect(bash('', '', names)).toEqual(['a\\ b', "it\\'s", '\\$\\(x\\)']);
    expect(bash("'", '', names)).toEqual(['a b', '$(x)']);
    expect(bash('"', '', names)).toEqual(['a b', "it's"]);
  });

  it('stands for the name and nothing else', () => {
    const names = fc.oneof(fc.constantFrom(...HOSTILE_NAMES), fc.string({ unit: 'grapheme', minLength: 1 }));
    fc.assert(
      fc.property(names, (name) => {
        fc.pre(!/[\t\n]/.test(name));
        const [reply = ''] = bash('', '', [name]);
        expect(typedWords(reply, 'sh')).toMatchObject([{ text: name, isLiteral: true, quote: '' }]);
      }),
    );
  });
});

describe('what the others are told', () => {
  const expected = {
    kind: 'option',
    before: '--x=',
    candidates: [
      { value: 'a:b\\c', meaning: 'one: two' },
      { value: 'd', meaning: '' },
    ],
  } as const;

  it('is for zsh what _describe takes, without what stands before the value', () => {
    expect(REPLIES.zsh(expected, plainWord('--x=z'), '')).toEqual(['a\\:b\\\\c:one: two', 'd']);
  });

  it('is for fish the word, and after a tab what it means', () => {
    expect(REPLIES.fish(expected, plainWord('--x=z'), '')).toEqual(['--x=a:b\\c\tone: two', '--x=d']);
  });

  it('is for whoever gives the words what begins with the last', () => {
    expect(REPLIES.words(expected, plainWord('--x='), '')).toEqual(['--x=a:b\\c\tone: two', '--x=d']);
    expect(REPLIES.words(expected, plainWord('--x=d'), '')).toEqual(['--x=d']);
  });
});
