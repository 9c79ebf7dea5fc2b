import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type CopiedProgram, copiedProgram } from '../../support/build/copied.js';
import { temporaryDirectory } from '../../support/build/packed.js';
import { inWorkplace, told } from '../../support/program/every-command.js';
import { openTerminal } from '../../support/program/pseudo-terminal.js';
import { runIn } from '../../support/program/real-program.js';
import { openSession } from '../../support/program/run.js';
import { unprivileged } from '../../support/program/unprivileged.js';

const REINSTALL = "install the program again; in a clone, run 'npm run build'";

/** What may have become of a file, with the hint that it deserves. */
const DAMAGES: readonly (readonly [what: string, damage: (file: string) => void, hint: string])[] = [
  ['removed', (file) => rmSync(file), REINSTALL],
  ['cut off', (file) => writeFileSync(file, readFileSync(file, 'utf8').slice(0, 200)), REINSTALL],
  ['emptied', (file) => writeFileSync(file, ''), REINSTALL],
  ['unreadable', (file) => chmodSync(file, 0), 'as its owner, run: chmod -R a+rX '],
];

/** The file of the bundle with that name, before the digest of its content. */
function bundled({ dist }: CopiedProgram, name: string): string {
  const found = readdirSync(dist).filter((file) => /^(.+)-[\w-]{8}\.cjs$/.exec(file)?.[1] === name);
  expect(found, name).toHaveLength(1);
  return join(dist, found[0] ?? '');
}

function run({ program }: CopiedProgram, argv: readonly string[]): Promise<string> {
  return inWorkplace(async (place) =>
    told(await runIn(place, unprivileged([process.execPath, program, ...argv]))),
  );
}

describe.each(DAMAGES)('a file of the program that was %s', (_what, damage, hint) => {
  it.each([
    ['every command', 'main'],
    ['the command', 'show'],
  ])('is named, with the way out, where %s needs it', async (_who, name) => {
    const copy = copiedProgram();
    const file = bundled(copy, name);
    damage(file);
    const message = `the program's own file cannot be read: ${file}`;
    expect(await run(copy, ['show', 'bot'])).toContain(`1 credctl: ${message}\nhint: ${hint}`);
    const [status = '', ...json] = (await run(copy, ['show', 'bot', '--json'])).split(/(?<=^\d+) /);
    const { error } = JSON.parse(json.join(' '));
    expect([status, error.code, error.message]).toEqual(['1', 'unexpected', message]);
    expect(error.hint).toContain(hint);
  });
});

it('the command that gives leave to read can be pasted, whatever the directory is called', async () => {
  const directory = join(temporaryDirectory(), "it's here");
  mkdirSync(directory);
  const copy = copiedProgram(directory);
  chmodSync(bundled(copy, 'show'), 0);
  const hint = /^hint: as its owner, run: (.+)$/m.exec(await run(copy, ['show', 'bot']))?.[1];
  execFileSync('/bin/sh', ['-c', hint ?? 'false']);
  expect(await run(copy, ['show', 'bot'])).toMatch(/^3 note: .*\ncredctl: no credential/);
});

it('create whose program is replaced while it asks changes nothing, and names the file', async () => {
  const session = await openSession();
  const terminal = await openTerminal(session.workspace);
  const { program, dist } = copiedProgram();
  await terminal.run(`'${process.execPath}' '${program}' create ci-bot --type api-key`);
  await terminal.see('Data API (0/5 selected)');
  renameSync(dist, `${dist}.away`);
  await terminal.press('Space', 'Enter');
  expect(await terminal.ended()).toBe(6);
  const said = (await terminal.screen()).replaceAll(/\s/g, '');
  expect(said).toContain(`theprogram'sownfilecannotberead:${dist}/`);
  expect(said).toContain('hint:nothingwaschanged;installtheprogramagain');
  expect(JSON.parse(await session.ok('list', '--json')).credentials).toEqual([]);
});
