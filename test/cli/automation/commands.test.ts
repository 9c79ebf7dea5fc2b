import { describe, expect, it } from 'vitest';
import { verdictOn } from '../../support/dependencies/presented.js';
import { dueIn, namesUpTo, openNight, statesOf } from './night.js';

const SAVE = 'cat > "out/$CREDCTL_NAME"';

describe('rotate --due with a command', () => {
  it('runs it for each, by name, one at a time, with the secret on its standard input', async () => {
    const { session, before } = await openNight(['c', 'a', 'b']);
    const { exitCode, stdout, stderr } = await session.run([
      ...['rotate', '--due', '--', 'sh', '-c'],
      `mkdir busy && ${SAVE} && echo "$CREDCTL_NAME $CREDCTL_VERSION $CREDCTL_TYPE" >> log && rmdir busy`,
    ]);
    expect({ exitCode, stdout, stderr }).toEqual({
      exitCode: 0,
      stdout: '',
      stderr: '3 rotated, 0 failed, 0 skipped\n',
    });
    expect(await session.workspace.read('log')).toBe('a 2 api-key\nb 2 api-key\nc 2 api-key\n');
    for (const [name, earlier] of before) {
      expect(await verdictOn(session, await session.workspace.read(`out/${name}`))).toBe('valid');
      expect(await verdictOn(session, earlier), 'the grace').toBe('valid');
    }
  });

  it('goes on after a failure, sums up, and ends with 7; what failed is as it was', async () => {
    const { session, before } = await openNight(['a', 'b', 'c', 'd']);
    const { exitCode, stdout, stderr } = await session.run([
      ...['rotate', '--due', '--', 'sh', '-c'],
      `case $CREDCTL_NAME in b) echo "no route" >&2; exit 3;; c) exit 143;; esac; ${SAVE}`,
    ]);
    expect({ exitCode, stdout }).toEqual({ exitCode: 7, stdout: '' });
    expect(stderr.split('\n')).toEqual([
      'no route',
      'credctl: b: the command "sh" ended with exit status 3',
      'hint: the new secret was revoked; nothing else was changed',
      'credctl: c: the command "sh" was ended by SIGTERM',
      'hint: the new secret was revoked; nothing else was changed',
      '2 rotated, 2 failed, 0 skipped',
      '',
    ]);
    for (const name of ['b', 'c']) {
      expect(await statesOf(session, name)).toEqual(['current', 'revoked']);
      expect(await verdictOn(session, before.get(name) ?? '')).toBe('valid');
    }
    expect(await session.ok('rotate', '--due', '--dry-run', '-q')).toBe('b\nc\n');
  });

  it('tells programs in one document, with nothing beside it', async () => {
    const { session } = await openNight(['a', 'b']);
    const { exitCode, stdout, stderr } = await session.run([
      ...['rotate', '--due', '--json', '--', 'sh', '-c', '[ "$CREDCTL_NAME" = a ]'],
    ]);
    expect({ exitCode, stderr }).toEqual({ exitCode: 7, stderr: '' });
    expect(dueIn(stdout)).toEqual({
      schema_version: 1,
      rotated: ['a'],
      failed: [
        {
          name: 'b',
          error: {
            code: 'undelivered',
            message: 'the command "sh" ended with exit status 1',
            hint: 'the new secret was revoked; nothing else was changed',
          },
        },
      ],
      skipped: [],
    });
  });

  it('is silent with -q, apart from what failed', async () => {
    const { session } = await openNight(['a', 'b']);
    const run = (command: string) => session.run(['rotate', '--due', '-q', '--', 'sh', '-c', command]);
    const failed = await run('[ "$CREDCTL_NAME" = a ]');
    expect({ ...failed, stderr: failed.stderr.split('\n')[0] }).toEqual({
      exitCode: 7,
      stdout: '',
      stderr: 'credctl: b: the command "sh" ended with exit status 1',
    });
    expect(await run('true')).toEqual({ exitCode: 0, stdout: '', stderr: '' });
  });

  it('ends a command that takes too long, and goes on', async () => {
    const { session } = await openNight(['a', 'b']);
    const { exitCode, stdout } = await session.run([
      ...['rotate', '--due', '--json', '--timeout', '1s', '--', 'sh', '-c'],
      '[ "$CREDCTL_NAME" = b ] || exec sleep 600',
    ]);
    expect(exitCode).toBe(7);
    const { rotated, failed } = dueIn(stdout);
    expect([rotated, failed.map(({ name }) => name)]).toEqual([['b'], ['a']]);
    expect(failed[0]?.error.message).toBe('the command "sh" took longer than 1 s and was ended');
  });

  it('gives the grace that was asked for', async () => {
    const { session, before } = await openNight(['a']);
    await session.ok('rotate', '--due', '--grace', '0', '--', 'true');
    expect(await statesOf(session, 'a')).toEqual(['retired', 'current']);
    expect(await verdictOn(session, before.get('a') ?? '')).toBe('version_retired');
  });

  it('rotates more than are read at a time', async () => {
    const { session } = await openNight(Array.from({ length: 205 }, (_, n) => `k${n}`));
    const { exitCode, stdout } = await session.run(['rotate', '--due', '--json', '--output-dir', 'out']);
    expect([exitCode, dueIn(stdout).rotated.length]).toEqual([0, 205]);
  });
});

describe('a secret', () => {
  it('is nowhere where others could see it while a command has it, nor left behind', async () => {
    const { session } = await openNight(['a', 'b']);
    await session.workspace.write(
      'look.sh',
      `umask 077
      cat > "out/$CREDCTL_NAME"
      for pid in $$ $PPID $(ps -o ppid= -p $PPID); do cat /proc/$pid/cmdline /proc/$pid/environ; done > visible
      [ -s visible ] && ! grep -aqF -f "out/$CREDCTL_NAME" visible
      `,
    );
    const { exitCode, stdout, stderr } = await session.run(['rotate', '--due', '--', 'sh', 'look.sh']);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '2 rotated, 0 failed, 0 skipped\n' });
    expect(stdout).toBe('');
    const found = await session.sh('grep -rlF -f out/a -f out/b "$HOME" | sort');
    expect(
      found.stdout
        .trimEnd()
        .split('\n')
        .map((path) => path.split('/').slice(-2).join('/')),
    ).toEqual(['out/a', 'out/b']);
  });
});

describe('the result', () => {
  it.each([
    ['a full device', '> /dev/full'],
    ['a reader that has gone', '| { exec 0<&-; touch closed; while [ ! -e done ]; do sleep 0.05; done; }'],
  ])('that cannot be printed is no success: %s', async (_, where) => {
    const { session } = await openNight(['a']);
    await session.sh(
      `{ while [ ! -e closed ]; do sleep 0.05; done
         credctl rotate --due --json -- true 2> err; echo $? > code; touch done; } ${where} &
       ${where.startsWith('>') ? 'touch closed;' : ''} wait`,
    );
    expect(await session.workspace.read('code')).toBe('7\n');
    expect(JSON.parse(await session.workspace.read('err')).error.code).toBe('partial');
    expect(await statesOf(session, 'a')).toEqual(['retiring', 'current']);
  });
});

describe('what cannot go well', () => {
  it.each([[['--dry-run']], [['--', 'true']]])(
    'is a store that was named and is not there, also for %j: it would look like success',
    async (flags) => {
      const { session } = await openNight([]);
      await session.refused(8, ['rotate', '--due', '--store', 'mistyped.db', ...flags]);
      await session.refused(8, ['rotate', '--due', ...flags], { env: { CREDCTL_STORE: 'mistyped.db' } });
    },
  );

  it.each([
    ['no destination', []],
    ['a secret on standard output', ['--print']],
    ['one file for all', ['--output', 'x']],
    ['a directory without a name', ['--output-dir', '']],
    ['a name as well', ['a', '--', 'true']],
    ['an end of all older secrets', ['--now', '--', 'true']],
    ['no command after --', ['--']],
    ['a time-out without a command', ['--timeout', '1s', '--output-dir', 'out']],
    ['a prefix without variables', ['--env-prefix', 'X', '--output-dir', 'out']],
    ['a bad prefix', ['--env-prefix', '1', '--format', 'env', '--output-dir', 'out']],
    ['--force', ['--force', '--output-dir', 'out']],
    ['a screen', ['--reveal', 'screen', '--', 'true']],
  ])('is refused before anything is rotated: %s', async (_, flags) => {
    const { session } = await openNight(['a']);
    await session.refused(2, ['rotate', '--due', ...flags]);
    expect(await statesOf(session, 'a')).toEqual(['current']);
  });

  it.each([
    ['a command that is not there', ['--', 'no-such-command']],
    ['a command that is not executable', ['--', './plain']],
    ['a directory that is not there', ['--output-dir', 'nowhere']],
    ['a file in its place', ['--output-dir', 'plain']],
    ['a missing keychain', ['--keychain']],
  ])('is found out once, not for each: %s', async (_, flags) => {
    const { session } = await openNight(namesUpTo(3));
    await session.workspace.write('plain', '');
    const env = { DBUS_SESSION_BUS_ADDRESS: 'unix:path=/nonexistent' };
    await session.refused(6, ['rotate', '--due', ...flags], { env });
    for (const name of namesUpTo(3)) expect(await statesOf(session, name)).toEqual(['current']);
  });

  it('is found out on a night on which nothing is due', async () => {
    const { session } = await openNight([]);
    await session.issue('a', '--rotate-every', '30d');
    await session.refused(6, ['rotate', '--due', '--', 'no-such-command']);
    await session.refused(2, ['rotate', '--due', '--env-prefix', 'X', '--', 'true']);
  });
});
