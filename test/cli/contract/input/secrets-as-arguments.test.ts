import { describe, expect, it } from 'vitest';
import { openSession } from '../../../support/program/run.js';

/** A well-formed secret that no store holds. */
const SECRET = 'cctl_key_0123456789AB003aUlTJC7tjlCTQj2uNU3MFagCXG9LRKRcwGkBIDlf3G6fTG';
const HIDDEN = SECRET.slice('cctl_key_0123456789AB'.length);

describe('a secret that is given as an argument', () => {
  it.each([
    ['show'],
    ['edit', '--label', 'a=1'],
    ['rotate'],
    ['rotate', '--finish'],
    ['delete', '--yes'],
    ['activate'],
    ['deactivate'],
    ['create', '--scope', 'data:users'],
    ['owner create', '--kind', 'user'],
  ])('where %s wants a name is exit 2, and it is not repeated', async (command, ...flags) => {
    const session = await openSession();
    await session.issue('ci-bot');
    for (const json of [[], ['--json']]) {
      const { exitCode, stdout, stderr } = await session.run([
        ...command.split(' '),
        SECRET,
        ...flags,
        ...json,
      ]);
      expect(exitCode).toBe(2);
      expect(stdout).toBe('');
      expect(stderr).toContain('secret');
      expect(stderr).not.toContain(HIDDEN.slice(0, 20));
    }
  });

  it('is said to be in the history of the shell where verify does not read it', async () => {
    const session = await openSession();
    const { hint } = await session.refused(2, ['verify', SECRET]);
    expect(hint).toMatch(/shell's history.*reads it from standard input/);
  });

  it.each([
    ['list', '--search'],
    ['list', '--owner'],
    ['audit', '--target'],
    ['owner', 'show'],
  ])('is refused by %s %s, before the store is asked for it', async (...words) => {
    const session = await openSession();
    await session.issue('ci-bot');
    expect((await session.refused(2, [...words, SECRET])).message).toBe(
      'a secret was given where a name belongs',
    );
  });

  it('anywhere else is refused or ignored, and never repeated or kept', async () => {
    const session = await openSession();
    await session.issue('ci-bot');
    for (const args of [
      [SECRET],
      ['show', 'ci-bot', SECRET],
      ['verify', SECRET],
      ['verify', `--${SECRET}`],
      ['list', '--owner', SECRET],
      ['list', '--sort', SECRET],
      ['list', '--scope', SECRET],
      ['list', '--cursor', SECRET],
      ['list', '--search', SECRET],
      ['audit', '--target', SECRET],
      ['audit', 'verify', '--head', SECRET],
      ['owner', 'show', SECRET],
      ['owner', SECRET],
      ['catalog', 'use', SECRET],
      ['catalog', 'apply', '-f', SECRET],
      ['edit', 'ci-bot', '--name', SECRET],
      ['edit', 'ci-bot', '--owner', SECRET],
      ['edit', 'ci-bot', '--scope', SECRET],
      ['edit', 'ci-bot', '--add-scope', `data:${SECRET}`],
      ['edit', 'ci-bot', '--label', SECRET],
      ['edit', 'ci-bot', '--label', `key=${SECRET}`],
      ['edit', 'ci-bot', '--label', `${SECRET}=value`],
      ['edit', 'ci-bot', '--remove-label', SECRET],
      ['edit', 'ci-bot', '--description', `was ${SECRET} before`],
      ['edit', 'ci-bot', '--expires-in', SECRET],
      ['deactivate', 'ci-bot', '--reason', `leaked: ${SECRET}`],
      ['rotate', 'ci-bot', '--format', SECRET],
      ['rotate', 'ci-bot', '--format', 'env', '--env-prefix', `${SECRET}-`],
      ['--store', SECRET, 'list'],
      ['--store', `x/${SECRET}.db`, 'list'],
    ]) {
      const { stdout, stderr } = await session.run(args);
      expect(stdout + stderr, args.join(' ')).not.toContain(HIDDEN.slice(0, 20));
    }
    const { exitCode } = await session.sh(`grep -rqF ${HIDDEN} '${session.workspace.dataHome}'`);
    expect(exitCode, 'nothing of it is in the store').toBe(1);
  });

  it.each(['activate', 'deactivate', 'delete', 'owner activate', 'owner deactivate', 'owner delete'])(
    'to %s among other names is not repeated in the outcome',
    async (command) => {
      const session = await openSession();
      await session.issue('ci-bot');
      await session.ok('owner', 'create', 'ci-bot', '--kind', 'service');
      for (const json of [['--json'], []]) {
        const args = [...command.split(' '), 'ci-bot', SECRET, '--yes', ...json];
        const { stdout, stderr } = await session.run(args);
        expect(stdout + stderr).not.toContain(HIDDEN.slice(0, 20));
      }
    },
  );

  it('as the name of a file is not repeated either', async () => {
    const session = await openSession();
    for (const args of [
      ['create', 'a', '--scope', 'data:users', '--output', SECRET],
      ['create', 'b', '--scope', 'data:users', '--output', 'b', '--store', SECRET],
      ['store', 'init', '--store', SECRET],
      ['store', 'info', '--store', SECRET, '--json'],
    ]) {
      const { stdout, stderr } = await session.run(args);
      expect.soft(stdout + stderr, args.join(' ')).not.toContain(HIDDEN.slice(0, 20));
    }
  });

  it('through CREDCTL_DEBUG=1 does not show either', async () => {
    const session = await openSession();
    for (const args of [
      ['show', SECRET],
      ['create', SECRET, '--scope', 'data:users'],
      ['list', '--sort', SECRET],
    ]) {
      const { stdout, stderr } = await session.run(args, { env: { CREDCTL_DEBUG: '1' } });
      expect(stdout + stderr).not.toContain(HIDDEN.slice(0, 20));
    }
  });
});
