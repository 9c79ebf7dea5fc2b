import { describe, expect, it } from 'vitest';
import { withoutNotes } from '../../../support/faults/notes.js';
import { openSession, parseErrorText, readDocument } from '../../../support/program/run.js';
import { errorDocument } from '../output/shapes.js';

/** A mistake of every kind that a command line can contain, with its exit code and the code in JSON. */
const MISTAKES: readonly (readonly [exit: number, code: string, args: readonly string[]])[] = [
  [2, 'usage', ['nonsense']],
  [2, 'usage', ['list', '--nonsense']],
  [2, 'usage', ['list', 'something']],
  [2, 'usage', ['owner']],
  [2, 'usage', ['show']],
  [2, 'usage', ['list', '--limit']],
  [2, 'usage', ['list', '--limit', 'many']],
  [2, 'usage', ['create', 'x', '--scope', 'data:nonsense']],
  [2, 'usage', ['create', 'a b', '--scope', 'data:users']],
  [2, 'usage', ['--store', '', 'list']],
  [2, 'usage', ['catalog', 'use', 'nonsense']],
  [3, 'not_found', ['show', 'nobody']],
  [3, 'not_found', ['owner', 'show', 'nobody']],
  [3, 'not_found', ['catalog', 'apply', '-f', 'nothing.yaml']],
  [5, 'conflict', ['create', 'ci-bot', '--scope', 'data:users']],
  [5, 'conflict', ['rotate', 'ci-bot', '--finish']],
  [6, 'undelivered', ['rotate', 'ci-bot', '--output', 'no/such/directory']],
  [8, 'store_unavailable', ['--store', 'nowhere.db', 'list']],
];

describe('a command that is refused', () => {
  it('says why in one line and at most one hint, with nothing on stdout', async () => {
    const session = await openSession();
    await session.issue('ci-bot');
    for (const [exit, , args] of MISTAKES) {
      const { stdout, message } = await session.refused(exit, args);
      expect(stdout, args.join(' ')).toBe('');
      expect(message, 'a lower-case fact without a final full stop').toMatch(/^[^A-Z].*[^.]$/);
    }
  });

  it('with --json: an empty stdout, and nothing but the error document on stderr', async () => {
    const session = await openSession();
    await session.issue('ci-bot');
    for (const [exit, code, args] of MISTAKES) {
      const { exitCode, stdout, stderr } = await session.run(['--json', ...args]);
      expect({ exitCode, stdout }, args.join(' ')).toEqual({ exitCode: exit, stdout: '' });
      expect(readDocument(errorDocument, stderr).error.code).toBe(code);
    }
  });

  it('says the same with and without --json', async () => {
    const session = await openSession();
    const text = await session.refused(3, ['show', 'nobody']);
    const { stderr } = await session.run(['show', 'nobody', '--json']);
    const { message, hint } = readDocument(errorDocument, stderr).error;
    expect({ message, hint }).toEqual({ message: text.message, hint: text.hint });
  });

  it('shows no stack trace unless CREDCTL_DEBUG=1', async () => {
    const session = await openSession();
    const stackLine = /^\s+at .+:\d+:\d+/m;
    const plain = await session.run(['show', 'nobody']);
    expect(plain.stderr).not.toMatch(stackLine);
    const debugging = await session.run(['show', 'nobody'], { env: { CREDCTL_DEBUG: '1' } });
    expect(debugging.exitCode).toBe(3);
    expect(debugging.stderr).toMatch(stackLine);
    expect(debugging.stderr).toContain('credctl: no credential "nobody"\n');
    const otherwise = await session.run(['show', 'nobody'], { env: { CREDCTL_DEBUG: '0' } });
    expect(otherwise.stderr).toBe(plain.stderr);
  });

  it('repeats at most a short piece of what it was given', async () => {
    const session = await openSession();
    const long = 'x'.repeat(100_000);
    for (const args of [
      ['show', long],
      [long],
      ['list', `--${long}`],
      ['create', long, '--scope', 'data:users'],
      ['create', 'x', '--scope', long],
      ['create', 'x', '--scope', 'data:users', '--owner', long],
      ['create', 'x', '--scope', 'data:users', '--expires-in', long],
      ['catalog', 'use', long],
      ['catalog', 'apply', '-f', long],
      ['--store', long, 'list'],
    ]) {
      const { stderr } = await session.run(args);
      parseErrorText(withoutNotes(stderr));
      expect(stderr.length, `${args.join(' ').slice(0, 30)}…`).toBeLessThan(1_000);
    }
  });
});

describe('a command that succeeds', () => {
  it('writes its result to stdout and its notes to stderr', async () => {
    const session = await openSession();
    const { stdout, stderr } = await session.run([
      ...['create', 'ci-bot', '--type', 'api-key', '--scope', 'data:users'],
    ]);
    expect(stdout).toMatch(/^cctl_key_[0-9A-Za-z]{61}\n$/);
    expect(stderr).toContain('ci-bot');
    expect(stderr).not.toMatch(/^credctl:/m);
  });

  it('is silent on stderr with --json and with --quiet', async () => {
    const session = await openSession();
    const flags = ['--type', 'api-key', '--scope', 'data:users'];
    expect((await session.run(['create', 'a', ...flags, '--json'])).stderr).toBe('');
    expect((await session.run(['create', 'b', ...flags, '--quiet'])).stderr).toBe('');
    expect((await session.run(['rotate', 'a', '-q'])).stderr).toBe('');
    expect((await session.run(['delete', 'a', '-q', '--yes'])).stderr).toBe('');
  });
});
