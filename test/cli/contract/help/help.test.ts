import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openSession, type Session, sessionIn } from '../../../support/program/run.js';
import { createWorkspace, type Workspace } from '../../../support/program/workspace.js';
import { examplesIn, helpTexts, subcommandsIn } from './help-texts.js';

let workspace: Workspace;
let session: Session;
let helpOf: ReadonlyMap<string, string>;

beforeAll(async () => {
  workspace = await createWorkspace();
  session = sessionIn(workspace);
  helpOf = await helpTexts(session);
});
afterAll(() => workspace.remove());

describe('the help of every command', () => {
  it('is there for each command of this version', () => {
    expect([...helpOf.keys()].toSorted()).toEqual(
      expect.arrayContaining([
        ...[
          '',
          'activate',
          'audit',
          'audit export',
          'audit list',
          'audit show',
          'audit verify',
          'catalog',
          'catalog apply',
        ],
        ...[
          'catalog presets',
          'catalog show',
          'catalog use',
          'create',
          'deactivate',
          'delete',
          'edit',
          'list',
        ],
        ...['owner', 'owner activate', 'owner create', 'owner deactivate', 'owner delete', 'owner edit'],
        ...['owner list', 'owner show', 'rotate', 'show', 'store', 'store check', 'store info', 'store init'],
        ...['store set', 'store backup', 'store restore', 'store copy', 'store migrate', 'verify'],
      ]),
    );
  });

  it('lists no help command: there is help COMMAND, and none in a group', async () => {
    for (const [words, help] of helpOf) expect(subcommandsIn(help), words).not.toContain('help');
    await session.refused(2, ['audit', 'help']);
  });

  it('begins with its synopsis', () => {
    for (const [words, help] of helpOf) {
      expect(help.split('\n')[0]).toMatch(
        new RegExp(`^Usage: credctl ${words === '' ? '<command>' : words}( |$)`),
      );
    }
  });

  it('shows examples, and the commands of a group, before the flags', () => {
    for (const [words, help] of helpOf) {
      const headings = [...help.matchAll(/^[A-Z].*:$/gm)].map(([heading]) => heading);
      const order = ['Commands:', 'Examples:', 'Arguments:', 'Options:', 'Global options:', 'Exit codes:'];
      expect(headings, words).toEqual(order.filter((heading) => headings.includes(heading)));
      expect(headings, words).toContain('Global options:');
    }
  });

  it('says how a duration is written wherever a flag takes one', () => {
    for (const [words, help] of helpOf) {
      const takes = help.includes('<duration>');
      expect(help.includes('s, m, h, d or w (weeks)'), words).toBe(takes);
    }
    expect(helpOf.get('rotate')).toContain('<duration>');
  });

  it('shows two examples or more', () => {
    const lacking = [...helpOf].filter(([, help]) => examplesIn(help).length < 2).map(([words]) => words);
    expect(lacking).toEqual([]);
  });

  it('shows its exit codes, those that every command has among them', () => {
    const lacking = [...helpOf]
      .filter(([, help]) => !/\nExit codes:\n(?: {2}\d+ {2}.+\n)+/.test(help) || !/^ {2}0 {2}/m.test(help))
      .map(([words]) => words);
    expect(lacking).toEqual([]);
    for (const [words, help] of helpOf) expect(help, words).toMatch(/^ {2}2 {2}usage/m);
  });

  it.each([
    ...['create', 'edit', 'rotate', 'delete', 'verify', 'owner delete', 'keychain delete'],
    ...['catalog use', 'catalog apply', 'store restore'],
  ])('of %s, which may ask, says how an interruption ends', (words) => {
    expect(helpOf.get(words)).toMatch(/^ {2}130 {2}interrupted/m);
  });

  it('describes every flag', () => {
    for (const [words, help] of helpOf) {
      const [, options = ''] = /\n(?:Options|Global options):\n([\s\S]*)\nExit codes:/.exec(help) ?? [];
      expect(options, words).toContain('--help');
      for (const line of options.split('\n').filter((text) => /^ {2}-/.test(text))) {
        expect(line, words).toMatch(/^ {2}(-\w, )?--?[\w-]+( <[\w=]+>)? {2,}\S/);
      }
    }
  });

  it.each([
    ['create', '--type', 'oauth2'],
    ['create', '--format', 'text'],
    ['list', '--sort', 'name'],
    ['list', '--limit', '50'],
    ['audit list', '--limit', '50'],
    ['rotate', '--grace', '24h'],
    ['rotate', '--format', 'text'],
    ['serve', '--drain-timeout', '10s'],
    ['serve', '--shutdown-delay', '0'],
    ['serve', '--socket-mode', '0660'],
    ['store init', '--prefix', 'cctl'],
    ['store init', '--hash', 'bcrypt'],
    ['store init', '--bcrypt-cost', '10'],
    ['store init', '--catalog', 'moveworks'],
  ])('of %s tells the default of %s: %s', (words, flag, value) => {
    const [, description = ''] =
      new RegExp(`^ {2}${flag} ((?:.*\\n {10,})*.*)$`, 'm').exec(helpOf.get(words) ?? '') ?? [];
    expect(description.replaceAll(/\s+/g, ' ')).toMatch(new RegExp(`\\(default: "?${value}"?\\)`));
  });

  it('names the flags of the contract, which work on it as well', () => {
    for (const [words, help] of helpOf) {
      if (subcommandsIn(help).length > 0 && words !== '') continue;
      for (const flag of [
        '--store',
        '--json',
        '--no-input',
        '--quiet',
        '--no-color',
        '--yes',
        '--reason',
        '--help',
      ]) {
        expect(help, words).toContain(flag);
      }
    }
  });

  it('is what help COMMAND, COMMAND -h and no arguments at all show', async () => {
    expect(await session.ok()).toBe(helpOf.get(''));
    for (const words of ['', 'rotate', 'owner', 'owner create', 'audit verify']) {
      expect(await session.ok('help', ...words.split(' ').filter(Boolean))).toBe(helpOf.get(words));
      expect(await session.ok(...words.split(' ').filter(Boolean), '-h')).toBe(helpOf.get(words));
    }
  });

  it('is not shown for a command that does not exist', async () => {
    for (const args of [
      ['help', 'rotat'],
      ['rotat', '--help'],
      ['help', 'owner', 'creat'],
    ]) {
      const { hint } = await session.refused(2, args);
      expect(hint).toMatch(/rotate|create/);
    }
  });

  it('needs no store, no configuration and no terminal', async () => {
    const broken = await openSession({ config: 'nonsense' });
    for (const words of ['', 'create', 'owner', 'audit verify']) {
      const args = [...words.split(' ').filter(Boolean), '--help', '--store', 'no/such.db'];
      expect((await broken.run(args)).exitCode, words).toBe(0);
    }
  });
});
