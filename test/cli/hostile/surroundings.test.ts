import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { withoutNotes } from '../../support/faults/notes.js';
import { openSession } from '../../support/program/run.js';
import { onTerminal } from '../../support/program/terminal.js';
import { runCaptured } from '../captured-host.js';
import { catalogDocument, credentialDocument } from '../contract/output/shapes.js';
import { CONTROLS, expectHarmless, INVISIBLE } from './hostile-text.js';

/** An API whose every text is the given one. */
function apiOf(text: string) {
  const permissions = [{ id: 'users', title: text, description: text }];
  return {
    id: 'data',
    title: text,
    types: ['oauth2', 'api-key'],
    resource: 'none',
    access_token_ttl: 60,
    permissions,
  };
}

/** A catalog whose every text is the given one. */
function catalogOf(text: string, apis: readonly unknown[] = [apiOf(text)]): string {
  return JSON.stringify({ name: text, apis, resources: [] });
}

/** A document that would be a billion nodes if its aliases were written out. */
function aliasBomb(): string {
  const keys = [...'abcdefghi'];
  const repeated = keys.slice(1).map((key, index) => {
    const before = keys[index];
    return `${key}: &${key} [*${before},*${before},*${before},*${before}]\n`;
  });
  return `a: &a [x,x]\n${repeated.join('')}`;
}

describe('the texts of a catalog', () => {
  it.each([...CONTROLS, ...INVISIBLE])('with %s are shown safely in every view', async (_, text) => {
    const session = await openSession();
    await session.workspace.write('catalog.json', catalogOf(text));
    for (const args of [
      ['catalog', 'apply', '-f', 'catalog.json', '--dry-run'],
      ['catalog', 'apply', '-f', 'catalog.json', '--yes'],
      ['catalog', 'show'],
      ['catalog', 'show', '--json'],
      ['catalog', 'apply', '-f', 'catalog.json', '--yes'],
      ['catalog', 'use', 'moveworks', '--yes'],
      ['audit', '--json'],
      ['audit'],
    ]) {
      const { stdout, stderr } = await runCaptured(session.workspace, args, '');
      expectHarmless(stdout + stderr);
    }
  });

  it.each([...INVISIBLE, ['emoji that are joined', '👩\u200d💻'] as const])(
    'with %s survive catalog show and catalog apply',
    async (_, text) => {
      const session = await openSession();
      await session.workspace.write('catalog.json', catalogOf(text));
      await session.ok('catalog', 'apply', '-f', 'catalog.json', '--yes');
      const before = await session.json(catalogDocument, 'catalog', 'show');
      await session.sh('credctl catalog show > catalog.yaml');
      expect(await session.ok('catalog', 'apply', '-f', 'catalog.yaml', '--yes')).toBe('');
      expect(await session.json(catalogDocument, 'catalog', 'show')).toEqual(before);
    },
  );

  it.each([
    ['an API', { id: 'a\u202eb' }],
    ['an API', { id: '__proto__' }],
    ['an API', { id: 'credctl' }],
    ['a level', { resource: 'constructor' }],
    ['a type', { types: ['__proto__'] }],
    ['a permission', { permissions: [{ id: '\u001b[2J', title: 'x' }] }],
  ])('cannot name %s %j', async (_, change) => {
    const session = await openSession();
    await session.workspace.write('catalog.json', catalogOf('x', [{ ...apiOf('x'), ...change }]));
    const { message, hint } = await session.refused(2, ['catalog', 'apply', '-f', 'catalog.json', '--yes']);
    expectHarmless(`${message}${hint}`);
  });

  it.each([
    ['a key of another kind', '__proto__: {}\nname: x\napis: []\n'],
    ['an unknown key', 'name: x\napis: []\nconstructor: 1\n'],
    ['a bomb of aliases', aliasBomb()],
    ['two documents', 'name: x\napis: []\n---\nname: y\napis: []\n'],
    ['a key twice', 'name: x\nname: y\napis: []\n'],
    ['nothing', ''],
    ['a list', '- x\n'],
    ['no YAML', '\u0000\u0001{{{'],
    ['a number where a text belongs', 'name: 5\napis: []\n'],
    ['an API twice', catalogOf('x', [apiOf('x'), apiOf('x')])],
  ])('with %s are exit 2, in one line', async (_, text) => {
    const session = await openSession();
    const { message, hint } = await session.refused(2, ['catalog', 'apply', '-f', '-', '--yes'], {
      stdin: text,
    });
    expectHarmless(`${message}${hint}`);
    expect((await session.json(catalogDocument, 'catalog', 'show')).catalog.name).toBe('moveworks');
  });
});

describe('an argument that is repeated in an error', () => {
  it.each([...CONTROLS, ...INVISIBLE])('is harmless with %s', async (_, text) => {
    const session = await openSession();
    for (const args of [
      [text],
      ['show', text],
      ['show', 'x', text],
      ['owner', text],
      ['list', `--${text}`],
      ['list', '--sort', text],
      ['list', '--owner', text],
      ['create', 'x', '--scope', text],
      ['create', 'x', '--scope', 'data:users', '--owner', text],
      ['create', 'x', '--scope', 'data:users', '--expires-in', text],
      ['create', 'x', '--scope', 'data:users', '--output', `no/${text}`],
      ['catalog', 'apply', '-f', text],
      ['catalog', 'use', text],
      ['deactivate', 'x', text],
      ['--store', `no/${text}`, 'list'],
    ]) {
      const { stdout, stderr } = await runCaptured(session.workspace, args, '');
      expect(stdout).toBe('');
      expectHarmless(stderr);
      expect(withoutNotes(stderr).trimEnd().split('\n').length).toBeLessThanOrEqual(2);
    }
  });
});

describe('what came into the store by another way', () => {
  it('is shown safely all the same', async () => {
    const session = await openSession();
    await session.ok('owner', 'create', 'crm', '--kind', 'service');
    await session.issue('x', '--owner', 'crm', '--label', 'a=1');
    const text = '\u001b[2J\u202e\u009b31m\r\n=1+1\t\u200b';
    const database = new Database(session.workspace.defaultStore);
    database.prepare('update credential set name = ?, description = ?, created_by = ?').run(text, text, text);
    database.prepare('update credential_label set value = ?').run(text);
    database.prepare('update owner set name = ?').run(text);
    database.prepare('update audit_event set actor = ?, reason = ?').run(text, text);
    database.close();
    const views = [
      'list',
      'list --json',
      'show x',
      'show x --json',
      'owner list',
      'owner show crm',
      'owner list --json',
    ];
    for (const view of [
      ...views,
      'audit',
      'audit --json',
      'audit export',
      'store check',
      'deactivate x',
      'rotate x',
    ]) {
      const { exitCode, stdout, stderr } = await session.run(view.split(' '));
      expect(exitCode, stderr).not.toBe(1);
      expectHarmless(stdout + stderr);
    }
    for (const view of ['list', 'show x', 'owner list', 'audit']) {
      const { raw, text } = await onTerminal(session, `credctl ${view} --no-color`);
      expectHarmless(text);
      expect(raw.replaceAll('\r\n', '\n')).toBe(text);
    }
  });
});

describe('who did it', () => {
  it('is printable, whatever the environment says', async () => {
    const session = await openSession();
    const env = { SUDO_USER: '\u001b[31mroot\u202e\nx', USER: '\u001b[31m', LOGNAME: '\u001b[31m' };
    await session.run(['create', 'x', '--scope', 'data:users', '--output', 'secret'], { env });
    const { credential } = await session.json(credentialDocument, 'show', 'x');
    expect(credential.created_by).toMatch(/^[\w.@+-]+ \(as [\w.+-]+\)@[\w.+-]+$/);
  });
});
