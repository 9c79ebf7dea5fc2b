import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { PROJECT } from '../support/program/real-program.js';
import { openSession } from '../support/program/run.js';
import { onTerminal } from '../support/program/terminal.js';

const README = readFileSync(join(PROJECT, 'README.md'), 'utf8');

/** What is another one each time, and stands shortened in the README. */
const VOLATILE: readonly (readonly [what: RegExp, name: string])[] = [
  [/\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z/g, '<time>'],
  [/just now|\d+ (?:minute|hour)s? ago/g, '<ago>'],
  // How wide a column is depends on how long ago that is.
  [/(?<=\S) {2,}/g, '  '],
  [/\bcctl_key_[0-9A-Za-z]+…?/g, '<key>'],
  [/\bcctl_id_[0-9A-Za-z]{16}\b/g, '<client-id>'],
  [/^head: [0-9a-f]+…?$/gm, 'head: <hash>'],
  [/\S+(?=\/credctl\/credctl\.db)/g, '<data>'],
];

/** Lines in alphabetical order: two streams on one screen are in any order. */
function linesOf(text: string): readonly string[] {
  const named = VOLATILE.reduce((rest, [what, name]) => rest.replaceAll(what, name), text);
  return named
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => line.trimEnd())
    .sort();
}

it('the session in the README shows what its commands print on a terminal', async () => {
  const [, block = ''] = /^```console\n([\s\S]*?)^```$/m.exec(README) ?? [];
  const [, ...steps] = block.split(/^\$ /m);
  expect(steps.length).toBeGreaterThan(5);
  const session = await openSession();
  for (const step of steps) {
    const [command = '', ...printed] = step.split('\n');
    const { text } = await onTerminal(session, command, { columns: 120 });
    expect(linesOf(text), command).toEqual(linesOf(printed.join('\n')));
  }
});

it('the two commands of the first screen install and issue, and install and test', () => {
  const firstScreen = README.split('\n').slice(0, 24).join('\n');
  expect(firstScreen).toContain(
    'npm ci && npx credctl create ci-bot --type api-key --scope data:conversations ',
  );
  expect(firstScreen).toContain('npm ci && npm test ');
});

it('the exit codes in the README have the numbers and the names that help gives them', async () => {
  const help = await (await openSession()).ok('--help');
  const said = [...help.matchAll(/^ {2}(\d) {2}(\w+): /gm)].map(([, code, name]) => `${code} ${name}`);
  const told = [...README.matchAll(/^\| ([1-9]) \| (\w+) \|/gm)].map(([, code, name]) => `${code} ${name}`);
  expect(told).toEqual(said);
  expect(said.length).toBe(9);
});
