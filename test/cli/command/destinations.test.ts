import { readdir } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { openSession } from '../../support/program/run.js';
import { onlySecretIn, secretsIn } from '../../support/stores/store-probe.js';
import { CREATE, show, to, verdict } from './handed.js';

describe('a command besides other destinations', () => {
  it.each([
    ['--print', ['--print'], ['stdout', 'command']],
    ['--output', ['--output', 'file'], ['file', 'command']],
    ['--output --force', ['--output', 'file', '--force'], ['file', 'command']],
    ['all of them', ['--output', 'file', '--print'], ['stdout', 'file', 'command']],
  ])('%s: each has the same secret', async (_, flags, kinds) => {
    const session = await openSession();
    for (const argv of [CREATE, ['rotate', 'ci-bot', ...(flags.includes('--output') ? ['--force'] : [])]]) {
      const stdout = await session.ok(...argv, '--json', ...flags, ...to('cat > input'));
      const { delivered_to, secret } = JSON.parse(stdout);
      expect([...delivered_to].sort()).toEqual([...kinds].sort());
      const input = await session.workspace.read('input');
      const printed = kinds.includes('stdout') ? { api_key: input } : null;
      expect(secret).toEqual(printed);
      if (kinds.includes('file')) expect(await session.workspace.read('file')).toBe(`${input}\n`);
    }
  });

  it('leaves none of them with a secret when it fails, and puts back what was there', async () => {
    const session = await openSession();
    await session.workspace.write('file', 'before\n');
    const fails = to('cat > /dev/null; exit 1');
    for (const argv of [CREATE, ['rotate', 'other']]) {
      if (argv[0] === 'rotate') await session.issue('other');
      for (const flags of [
        ['--output', 'file', '--force'],
        ['--output', 'new'],
      ]) {
        const ended = await session.run([...argv, ...flags, ...fails]);
        expect([ended.exitCode, ended.stdout], ended.stderr).toEqual([6, '']);
      }
    }
    expect(await readdir(session.workspace.directory)).toEqual(['file']);
    expect(await session.workspace.read('file')).toBe('before\n');
    const { versions } = await show(session, 'other');
    expect(versions.map(({ state }) => state)).toEqual(['revoked', 'revoked', 'current']);
  });

  it('prints a secret that is dead when the command fails after it, and says so by its exit code', async () => {
    const session = await openSession();
    const { exitCode, stdout } = await session.run([...CREATE, '--print', ...to('exit 1')]);
    expect(exitCode).toBe(6);
    expect(await verdict(session, onlySecretIn(stdout))).toBe(4);
  });
});

describe('the time that a command may take', () => {
  it.each(['0', '0s', '-1s', '1.5h', '10', '1M', ''])('cannot be %j', async (duration) => {
    const session = await openSession();
    await session.refused(2, [...CREATE, '--timeout', duration, ...to('cat > input')]);
    expect(await readdir(session.workspace.directory)).toEqual([]);
  });

  it('means nothing without a command, and a command is needed after --', async () => {
    const session = await openSession();
    const { message } = await session.refused(2, [...CREATE, '--timeout', '5s']);
    expect(message).toContain('--timeout works only with a command');
    expect((await session.refused(2, [...CREATE, '--'])).message).toContain('a command is missing');
    expect((await session.refused(2, ['rotate', 'x', '--'])).message).toContain('a command is missing');
  });
});

describe('rotate --due to a command', () => {
  it('calls it for each, goes on after a failure, and ends with 7', async () => {
    const session = await openSession();
    for (const name of ['a', 'b', 'c']) await session.issue(name, '--rotate-every', '1d');
    const script = 'test "$CREDCTL_NAME" != b && cat > "got-$CREDCTL_NAME"';
    const due = ['rotate', '--due', '--within', '2d', '--json', ...to(script)];
    const { exitCode, stdout } = await session.run(due);
    expect(exitCode).toBe(7);
    expect(JSON.parse(stdout)).toMatchObject({
      rotated: ['a', 'c'],
      failed: [{ name: 'b', error: { code: 'undelivered' } }],
      skipped: [],
    });
    for (const name of ['a', 'c']) {
      const [secret] = secretsIn(await session.workspace.read(`got-${name}`));
      expect(await verdict(session, secret ?? '')).toBe(0);
    }
    expect((await show(session, 'b')).versions.map(({ state }) => state)).toEqual(['revoked', 'current']);
  });
});
