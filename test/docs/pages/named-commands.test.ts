import { describe, expect, it } from 'vitest';
import { fencesOf, PAGES, proseOf, readPage } from '../../support/build/page.js';

/** The options of each command, by its words, from the generated reference. */
const OPTIONS: ReadonlyMap<string, ReadonlySet<string>> = (() => {
  const [, ...sections] = readPage('docs/cli.md').split(/^## /m);
  const optionsIn = (text: string) =>
    [...text.matchAll(/^\| `(?:-\w, )?(--[\w-]+)/gm)].map(([, name = '']) => name);
  const global = sections.filter((text) => text.startsWith('Global options')).flatMap(optionsIn);
  const own = sections.flatMap((text): [string, ReadonlySet<string>][] => {
    const [, words] = /^credctl ([a-z ]+)\n/.exec(text) ?? [];
    return words === undefined ? [] : [[words, new Set([...global, ...optionsIn(text), '--help'])]];
  });
  return new Map([['', new Set([...global, '--version', '--help'])], ...own]);
})();

/** What is wrong with a command of the program, as far as its words and options go. */
function mistakesIn(command: string): readonly string[] {
  const [own = ''] = command.split(/ -- | [|<>&;] ?|\n|\)|#/);
  const words = own.split(/\s+/).slice(1);
  const named = [words.slice(0, 2).join(' '), words[0] ?? ''].find((name) => OPTIONS.has(name));
  if (named === undefined && /^[a-z]+$/.test(words[0] ?? '')) return [`${command}: no such command`];
  // `audit` alone is `audit list`.
  const known = OPTIONS.get(named === 'audit' ? 'audit list' : (named ?? ''));
  const options = words.flatMap((word) => /^--[a-z][\w-]*/.exec(word) ?? []);
  return options.filter((option) => !known?.has(option)).map((option) => `${command}: no option ${option}`);
}

/** Whether `credctl` is the name of an account, or a word of a comment. */
const isAccount = (line: string): boolean => /^credctl (?:env|to|credctl)(?: |$)/.test(line);

describe('a command that a page names in passing', () => {
  it.each(PAGES)('is one of the program, with options that it has: %s', (page) => {
    const spans = [...proseOf(page).matchAll(/`(credctl [^`]+)`/g)].map(([, span = '']) => span);
    expect(spans.flatMap(mistakesIn)).toEqual([]);
  });

  it.each(PAGES)('is one of the program in files as well: %s', (page) => {
    const lines = fencesOf(page).flatMap(({ text }) => text.match(/\bcredctl [a-z][^\n'"]*/g) ?? []);
    expect(lines.filter((line) => !isAccount(line)).flatMap(mistakesIn)).toEqual([]);
  });

  it('is found out', () => {
    expect(mistakesIn('credctl rotate a --grace 7d -- sh --no')).toEqual([]);
    expect(mistakesIn('credctl rotat a')).toEqual(['credctl rotat a: no such command']);
    expect(mistakesIn('credctl owner create a --scope b')).toEqual([
      'credctl owner create a --scope b: no option --scope',
    ]);
  });
});
