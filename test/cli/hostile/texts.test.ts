import { describe, expect, it } from 'vitest';
import { openSession, type Session } from '../../support/program/run.js';
import { onTerminal } from '../../support/program/terminal.js';
import { runCaptured } from '../captured-host.js';
import { auditDocument, credentialDocument } from '../contract/output/shapes.js';
import { CONTROLS, expectHarmless, FORMULAS, INVISIBLE, OBJECT_WORDS } from './hostile-text.js';

const CREATE = ['--scope', 'data:users', '--output', 'secret', '--force'];

/** Every way to look at a credential and at what was done with it. */
const VIEWS = [
  ...[
    'show x',
    'show x --json',
    'list',
    'list --json',
    'list --search x',
    'audit',
    'audit --json',
    'audit export',
  ],
  ...['audit --target x', 'edit x --label more=1', 'edit x --label more=2 --json'],
];

async function expectSafeViews(session: Session): Promise<void> {
  for (const view of VIEWS) {
    const { stdout, stderr } = await runCaptured(session.workspace, view.split(' '), '');
    expectHarmless(stdout + stderr);
  }
  for (const view of ['show x', 'list', 'audit']) {
    const { text, raw } = await onTerminal(session, `credctl ${view} --no-color`, { columns: 200 });
    expectHarmless(text);
    expect(raw.replaceAll('\r\n', '\n')).toBe(text);
  }
}

describe('a name', () => {
  it.each([...CONTROLS, ...INVISIBLE])('with %s is refused, and the error is harmless', async (_, text) => {
    const session = await openSession();
    for (const args of [
      ['create', text, ...CREATE],
      ['create', 'x', ...CREATE, '--label', `${text}=1`],
      ['owner', 'create', text, '--kind', 'user'],
    ]) {
      for (const json of [[], ['--json']]) {
        const { exitCode, stdout, stderr } = await runCaptured(session.workspace, [...args, ...json], '');
        expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
        expectHarmless(stderr);
      }
    }
  });

  it.each(OBJECT_WORDS)('%s is one like any other', async (word) => {
    const session = await openSession();
    await session.ok('owner', 'create', word, '--kind', 'service');
    await session.ok('create', word, ...CREATE, '--owner', word, '--label', `${word}=${word}`);
    const { credential } = await session.json(credentialDocument, 'show', word.toUpperCase());
    expect(credential).toMatchObject({ name: word, owner: word });
    expect(Object.entries(credential.labels)).toEqual([[word, word]]);
    expect(await session.ok('list', '--label', `${word}=${word}`)).toContain(word);
    await session.ok('edit', word, '--remove-label', word);
    await session.ok('delete', word, '--yes');
  });

  it.each(['__proto__', '=1+1', '-x', '+x', '@x', ''])('%j is refused', async (text) => {
    const session = await openSession();
    for (const args of [
      ['create', ...CREATE, '--', text],
      ['create', 'x', ...CREATE, '--label', `${text}=1`],
    ]) {
      expect((await session.run(args)).exitCode).toBe(2);
    }
  });
});

describe('a label, a description or a reason', () => {
  it.each(CONTROLS)('with %s is refused, and the error is harmless', async (_, text) => {
    const session = await openSession();
    for (const flags of [
      ['--label', `key=${text}`],
      ['--description', text],
      ['--reason', text],
    ]) {
      const { message, hint } = await session.refused(2, ['create', 'x', ...CREATE, ...flags]);
      expect(message).toContain('position');
      expectHarmless(`${message}${hint}`);
    }
  });

  it.each(INVISIBLE)('with %s is kept, and shown safely in every view', async (_, text) => {
    const session = await openSession();
    await session.ok(
      'create',
      'x',
      ...CREATE,
      '--label',
      `key=${text}`,
      '--description',
      text,
      '--reason',
      text,
    );
    await expectSafeViews(session);
    const { credential } = await session.json(credentialDocument, 'show', 'x');
    expect(credential).toMatchObject({ description: text, labels: { key: text } });
    expect(await session.ok('show', 'x')).toContain('\\u{');
    const { events } = await session.json(auditDocument, 'audit', '--action', 'credential.create');
    expect(events[0]?.reason).toBe(text);
    await session.ok('audit', 'verify');
  });

  it('with a lone surrogate is refused, and so it is everywhere else', async () => {
    const session = await openSession();
    for (const text of ['\ud800', 'a\udfffb', '\udc00\ud800']) {
      for (const argv of [
        ['create', 'x', ...CREATE, '--label', `key=${text}`],
        ['create', 'x', ...CREATE, '--description', text],
        ['create', 'x', ...CREATE, '--reason', text],
        ['create', 'x', '--scope', `data:${text}`],
        ['create', text, ...CREATE],
        ['show', text],
        ['--store', text, 'list'],
      ]) {
        const { exitCode, stderr } = await runCaptured(session.workspace, argv, '');
        expect([2, 3, 8]).toContain(exitCode);
        expectHarmless(stderr);
      }
    }
  });

  it('may be in any language, with emoji and combining marks', async () => {
    const session = await openSession();
    for (const text of ['日本語 🙂', 'Ünïcödé e\u0301', '❤️ שלום عربي', '1️⃣ — “quoted” ½']) {
      await session.ok('create', 'x', ...CREATE, '--description', text, '--reason', text);
      expect(await session.ok('show', 'x')).toContain(text);
      expect(await session.ok('audit')).toContain(text);
      await session.ok('delete', 'x', '--yes');
    }
  });

  it('has a length that is counted in characters', async () => {
    const session = await openSession();
    await session.ok(
      'create',
      'x',
      ...CREATE,
      '--description',
      '🙂'.repeat(1_024),
      '--label',
      `k=${'é'.repeat(256)}`,
    );
    for (const [flag, text] of [
      ['--description', 'x'.repeat(1_025)],
      ['--description', 'x'.repeat(10_240)],
      ['--reason', 'x'.repeat(1_025)],
      ['--label', `k=${'x'.repeat(257)}`],
      ['--label', `${'k'.repeat(129)}=1`],
    ] as const) {
      expect((await session.refused(2, ['edit', 'x', flag, text])).message).toContain('characters');
    }
  });

  it('may be empty, which says nothing', async () => {
    const session = await openSession();
    await session.ok('create', 'x', ...CREATE, '--description', '', '--reason', '', '--label', 'key=');
    const { credential } = await session.json(credentialDocument, 'show', 'x');
    expect(credential).toMatchObject({ description: null, labels: { key: '' } });
    const { events } = await session.json(auditDocument, 'audit');
    expect(events.map(({ reason }) => reason)).toEqual([null, null, null]);
  });

  it('of several lines cannot pass for another line of show', async () => {
    const session = await openSession();
    await session.ok('create', 'x', ...CREATE, '--description', 'first\nstatus:    inactive\n\nlast');
    const lines = (await session.ok('show', 'x')).split('\n');
    expect(lines.filter((line) => line.startsWith('status'))).toEqual(['status:      active']);
    expect(await session.ok('list')).not.toContain('inactive');
  });
});

describe('a formula', () => {
  it.each(FORMULAS)('%s is none in a spreadsheet, and itself in JSON', async (formula) => {
    const session = await openSession();
    await session.issue('x', '--reason', formula, '--description', formula);
    const cells = (await session.ok('audit'))
      .split('\n')
      .slice(1, -1)
      .map((row) => row.split('\t')[5]);
    expect(cells).toEqual(cells.map(() => `'${formula}`));
    const { events } = await session.json(auditDocument, 'audit');
    expect(events.map(({ reason }) => reason)).toEqual([formula, formula, formula]);
  });
});
