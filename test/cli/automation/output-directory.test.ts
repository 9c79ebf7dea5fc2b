import { lstatSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { verdictOn } from '../../support/dependencies/presented.js';
import type { Session } from '../../support/program/run.js';
import { makeOverdue } from '../../support/stores/overdue.js';
import { dueIn, openNight, statesOf } from './night.js';

const RUN = ['rotate', '--due', '--json', '--output-dir', 'out'] as const;

function filesIn(session: Session): readonly string[] {
  return readdirSync(session.workspace.path('out')).toSorted();
}

describe('rotate --due --output-dir', () => {
  it('writes a file for each, named after it, that only its owner can read', async () => {
    const names = ['a', 'team/crm/sync', 'B.2', 'x_-y', `${'s/'.repeat(63)}ss`];
    const { session, before } = await openNight(names);
    const { exitCode, stdout } = await session.run(RUN, { env: { UMASK_IS: 'of no account' } });
    expect(exitCode).toBe(0);
    expect(dueIn(stdout).rotated.toSorted()).toEqual(names.toSorted());
    const expected = names.map((name) => name.replaceAll('/', '__'));
    expect(filesIn(session)).toEqual(expected.toSorted());
    for (const [index, file] of expected.entries()) {
      const path = session.workspace.path(`out/${file}`);
      expect(statSync(path).mode & 0o7777).toBe(0o600);
      expect(await verdictOn(session, readFileSync(path, 'utf8'))).toBe('valid');
      expect(await verdictOn(session, before.get(names[index] ?? '') ?? '')).toBe('valid');
    }
    expect(readdirSync(session.workspace.directory)).toEqual(['out']);
  });

  it('writes with mode 0600 whatever the umask', async () => {
    const { session } = await openNight(['a']);
    await session.sh(`umask 0; credctl ${RUN.join(' ')}`);
    expect(statSync(session.workspace.path('out/a')).mode & 0o7777).toBe(0o600);
  });

  it('replaces the file of the time before in one step, and nothing else', async () => {
    const { session } = await openNight(['a']);
    await session.sh('echo old > out/a; echo mine > out/b; chmod 644 out/a out/b');
    const before = lstatSync(session.workspace.path('out/a'));
    expect((await session.run(RUN)).exitCode).toBe(0);
    const after = lstatSync(session.workspace.path('out/a'));
    expect(after.ino).not.toBe(before.ino);
    expect(after.mode & 0o7777, 'as it was, without the bits for others').toBe(0o640);
    expect(await session.workspace.read('out/b')).toBe('mine\n');
    expect(filesIn(session)).toEqual(['a', 'b']);
  });

  it('says what a replacement takes away, but with --json and -q', async () => {
    const { session } = await openNight(['a']);
    const saidWith = async (...flags: readonly string[]) => {
      makeOverdue(session.workspace.defaultStore);
      await session.sh('echo old > out/a; chmod 644 out/a; ln -f out/a kept');
      const argv = ['rotate', '--due', '--grace', '0', '--output-dir', 'out', ...flags];
      const { exitCode, stderr } = await session.run(argv);
      expect(exitCode).toBe(0);
      return stderr;
    };
    expect(await saidWith()).toMatch(/readable by every user.*\n.*another name.*\n1 rotated/);
    for (const flag of ['--json', '-q']) expect(await saidWith(flag)).toBe('');
  });

  it('writes in the format that was asked for, with and without -q', async () => {
    const { session } = await openNight([]);
    await session.ok(
      ...['create', 'crm', '--scope', 'data:users', '--rotate-every', '1d', '-q'],
      ...['--output', 'first'],
    );
    const contentWith = async (...flags: readonly string[]) => {
      makeOverdue(session.workspace.defaultStore);
      await session.ok('rotate', '--due', '--grace', '0', '--output-dir', 'out', ...flags);
      return session.workspace.read('out/crm');
    };
    const ID = 'cctl_id_[0-9A-Za-z]{16}';
    const SECRET = 'cctl_sec_[0-9A-Za-z]{61}';
    const whole = (pattern: string) => new RegExp(`^${pattern}$`);
    const dotenv = whole(`CRM_CLIENT_ID=${ID}\nCRM_CLIENT_SECRET=${SECRET}\n`);
    expect(await contentWith()).toMatch(whole(`client_id=${ID}\nclient_secret=${SECRET}\n`));
    expect(await contentWith('-q')).toMatch(whole(`${SECRET}\n`));
    expect(await contentWith('--format', 'dotenv')).toMatch(dotenv);
    expect(await contentWith('--format', 'dotenv', '-q')).toMatch(dotenv);
    expect(await contentWith('--format', 'docker-secret')).toMatch(whole(SECRET));
    expect(JSON.parse(await contentWith('--format', 'json')).secret.client_secret).toMatch(whole(SECRET));
  });

  it('gives the same secret to a command as well', async () => {
    const { session } = await openNight(['a']);
    await session.ok('rotate', '--due', '--output-dir', 'out', '-q', '--', 'sh', '-c', 'cat > seen');
    expect(`${await session.workspace.read('seen')}\n`).toBe(await session.workspace.read('out/a'));
  });

  it('puts the file back as it was when the command does not take the secret', async () => {
    const { session, before } = await openNight(['a']);
    await session.workspace.write('out/a', `${before.get('a')}\n`);
    const { exitCode } = await session.run(['rotate', '--due', '--output-dir', 'out', '--', 'false']);
    expect(exitCode).toBe(7);
    expect(await verdictOn(session, await session.workspace.read('out/a'))).toBe('valid');
    expect(await session.workspace.read('out/a')).toBe(`${before.get('a')}\n`);
    expect(filesIn(session)).toEqual(['a']);
  });
});

describe('what stands in the way of one file', () => {
  it.each([
    ['a symbolic link', 'echo precious > victim; ln -s ../victim out/b'],
    ['a link to nowhere', 'ln -s ../victim out/b'],
    ['a directory', 'mkdir out/b'],
    ['a pipe', 'mkfifo out/b'],
  ])('%s: that one fails, the others do not', async (_, obstacle) => {
    const { session, before } = await openNight(['a', 'b', 'c']);
    await session.sh(obstacle);
    const { exitCode, stdout } = await session.run(RUN);
    const { rotated, failed } = dueIn(stdout);
    expect([exitCode, rotated, failed.map(({ name }) => name)]).toEqual([7, ['a', 'c'], ['b']]);
    expect(failed[0]?.error.code).toBe('undelivered');
    expect((await session.sh('cat victim 2> /dev/null || true')).stdout).toMatch(/^(precious\n)?$/);
    expect(await statesOf(session, 'b')).toEqual(['current']);
    expect(await verdictOn(session, before.get('b') ?? '')).toBe('valid');
  });

  it.each([[['a/b', 'a__b']], [['a/b__c', 'a__b/c', 'a/b/c']], [['a/B', 'A__b']]])(
    'the same name for two of them: %j; nothing is overwritten',
    async (names) => {
      const { session, before } = await openNight(names);
      await session.issue('z', '--rotate-every', '30d');
      makeOverdue(session.workspace.defaultStore);
      const { exitCode, stdout } = await session.run(RUN);
      const { rotated, failed } = dueIn(stdout);
      expect([exitCode, rotated]).toEqual([7, ['z']]);
      expect(failed.map(({ name }) => name).toSorted()).toEqual(names.toSorted());
      expect(failed[0]?.error.message).toMatch(/^.+ and .+ would be written to the same file ".+"/);
      expect(filesIn(session)).toEqual(['z']);
      for (const secret of before.values()) expect(await verdictOn(session, secret)).toBe('valid');
    },
  );

  it('a name that another one has which is not due tonight', async () => {
    const { session } = await openNight(['a/b']);
    const other = await session.issue('a__b', '--output', 'out/a__b', '--print');
    expect((await session.run(RUN)).exitCode).toBe(7);
    expect(await session.workspace.read('out/a__b')).toBe(`${other}\n`);
  });

  it('a directory that cannot be written is said once', async () => {
    const { session } = await openNight(['a', 'b']);
    await session.refused(6, ['rotate', '--due', '--output-dir', '/proc']);
    expect(await statesOf(session, 'a')).toEqual(['current']);
  });
});
