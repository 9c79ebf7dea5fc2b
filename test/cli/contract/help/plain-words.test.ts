import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { PROJECT } from '../../../support/program/real-program.js';

/** Words of riddles, each with the plain ones that say the same. */
const RIDDLES: readonly (readonly [riddle: RegExp, plainly: string])[] = [
  [/\bin hand\b/, 'current, or what is done with it'],
  [/\bwho(so)?ever\b(?! watches the server)/i, 'the person or the program: an app, another user'],
  [/\bmeanwhile\b/, 'has just, in the meantime, or who did it: another command'],
  [/\bsome(body|one else)\b/, 'another user, another command'],
  [/\bof late\b/, 'recently'],
  [/\bexclude each other\b/, 'cannot be used together'],
  [/\bmeans nothing (with|without|by|outside)\b/, 'works only with'],
  [/\b(good for nothing|past this program|at fault)\b/, 'does not work, without credctl'],
  [/\bhand(ed)? (out|over)\b/, 'deliver'],
  [/\bgo nowhere\b/, 'has no destination'],
  [/(?<!there )\bis no (file|name|number|cursor|socket|address|IP|regular)\b/, 'is not a'],
  [/\bas asked for\b/, 'with these values'],
];

/** Where the texts of the program are. */
const SOURCE = join(PROJECT, 'src');

/** String literals of a line, comments left out: texts for people have two words or more. */
function textsIn(line: string): readonly string[] {
  if (/^\s*(\*|\/\/|\/\*)/.test(line)) return [];
  const quoted = line.matchAll(/'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)"|`((?:[^`\\]|\\.)*)`/g);
  return [...quoted].map(([, ...inner]) => inner.join('')).filter((text) => text.includes(' '));
}

describe('what the program says', () => {
  const files = readdirSync(SOURCE, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.ts'),
  );
  const texts = files.flatMap((file) =>
    readFileSync(join(SOURCE, file), 'utf8')
      .split('\n')
      .flatMap((line, index) => textsIn(line).map((text) => ({ place: `${file}:${index + 1}`, text }))),
  );

  it('is found in the source', () => {
    expect(texts.length).toBeGreaterThan(1_500);
    expect(textsIn(`  throw usageError('the rotation in hand', "it's");`)).toEqual(['the rotation in hand']);
    expect(textsIn('// what is in hand')).toEqual([]);
  });

  it.each(RIDDLES)('does not use %s: %s', (riddle) => {
    expect(texts.filter(({ text }) => riddle.test(text))).toEqual([]);
  });
});
