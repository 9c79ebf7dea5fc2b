import { existsSync } from 'node:fs';
import { constants } from 'node:os';
import { describe, expect, it, onTestFinished } from 'vitest';
import { verdictOn } from '../../support/dependencies/presented.js';
import { type Session, startIn } from '../../support/program/run.js';
import { openTerminal } from '../../support/program/terminal.js';
import { dueIn, namesUpTo, openNight, statesOf } from './night.js';

const PATIENT = { timeout: 120_000, interval: 20 };

const NAMES = namesUpTo(5);

/** Holds the third one until the file `go` is there. */
const SLOW = `#!/bin/sh
[ "$CREDCTL_NAME" = a03 ] || exec cat > "out/$CREDCTL_NAME"
touch waiting
while [ ! -e go ]; do sleep 0.05; done
cat > "out/$CREDCTL_NAME"
`;

/** Starts a run that stands still at the third of five credentials. */
async function standing(session: Session, ...flags: readonly string[]) {
  await session.workspace.write('slow.sh', SLOW);
  const run = startIn(session, ['rotate', '--due', ...flags, '--', 'sh', 'slow.sh']);
  let seen = '';
  run.stderr.on('data', (piece: Buffer) => {
    seen += piece.toString('utf8');
  });
  onTestFinished(async () => {
    run.kill('SIGKILL');
    await session.sh('touch go');
  });
  await expect.poll(() => existsSync(session.workspace.path('waiting')), PATIENT).toBe(true);
  return {
    run,
    /** Until the run says that it has noticed a signal. */
    noticed: (text: string) => expect.poll(() => seen, PATIENT).toContain(text),
    async ended() {
      const { exitCode, signal, stdout, stderr } = await run;
      return { exitCode: exitCode ?? 128 + constants.signals[signal ?? 'SIGKILL'], stdout, stderr };
    },
  };
}

async function expectUntouched(
  session: Session,
  before: ReadonlyMap<string, string>,
  names: readonly string[],
) {
  for (const name of names) {
    expect(await statesOf(session, name)).toEqual(['current']);
    expect(await verdictOn(session, before.get(name) ?? '')).toBe('valid');
  }
}

describe('a run that is asked to end', () => {
  it.each([
    ['SIGTERM', 143],
    ['SIGINT', 130],
    ['SIGHUP', 143],
  ] as const)('by %s finishes the current rotation, leaves the rest, and says so', async (signal, code) => {
    const { session, before } = await openNight(NAMES);
    const { run, noticed, ended } = await standing(session);
    run.kill(signal);
    await noticed(`${signal}: finishing the current rotation first`);
    await session.sh('touch go');
    const { exitCode, stdout, stderr } = await ended();
    expect({ exitCode, stdout }).toEqual({ exitCode: code, stdout: '' });
    expect(stderr.split('\n')).toEqual([
      `${signal}: finishing the current rotation first; send the signal again to end its command`,
      '3 rotated, 0 failed, 0 skipped, 2 left',
      `credctl: ended by ${signal} before 2 credentials could be rotated`,
      'hint: the other credentials were not changed; run the command again',
      '',
    ]);
    for (const name of ['a01', 'a02', 'a03']) {
      expect(await verdictOn(session, await session.workspace.read(`out/${name}`))).toBe('valid');
      expect(await verdictOn(session, before.get(name) ?? '')).toBe('valid');
    }
    await expectUntouched(session, before, ['a04', 'a05']);
    expect(await session.ok('rotate', '--due', '--dry-run', '-q')).toBe('a04\na05\n');
  });

  it('twice ends the command in hand as well, whose secret stays pending', async () => {
    const { session, before } = await openNight(NAMES);
    const { run, noticed, ended } = await standing(session);
    run.kill('SIGTERM');
    await noticed('SIGTERM: finishing the current rotation first');
    run.kill('SIGTERM');
    const { exitCode, stderr } = await ended();
    expect(exitCode).toBe(143);
    expect(stderr).toContain('2 rotated, 1 failed, 0 skipped, 2 left\n');
    expect(stderr).toContain(
      'credctl: a03: interrupted by SIGTERM while the command "sh" was running with the secret\n',
    );
    expect(stderr).toContain("'credctl rotate a03 --resume' confirms it");
    expect(await statesOf(session, 'a03')).toEqual(['current', 'pending']);
    expect(await verdictOn(session, before.get('a03') ?? '')).toBe('valid');
    await expectUntouched(session, before, ['a04', 'a05']);
    expect((await session.sh('cat out/a03')).exitCode, 'the command was ended').not.toBe(0);
  });

  it('tells programs in its document and by an error', async () => {
    const { session } = await openNight(NAMES);
    const { run, ended } = await standing(session, '--json');
    run.kill('SIGTERM');
    // Nothing is said before the end, so give the signal time to arrive: it is noted when the command has ended.
    await session.sh('sleep 0.3; touch go');
    const { exitCode, stdout, stderr } = await ended();
    expect(exitCode).toBe(143);
    expect(dueIn(stdout)).toEqual({
      schema_version: 1,
      rotated: ['a01', 'a02', 'a03'],
      failed: [],
      skipped: [
        { name: 'a04', reason: 'interrupted' },
        { name: 'a05', reason: 'interrupted' },
      ],
    });
    expect(JSON.parse(stderr)).toEqual({
      schema_version: 1,
      error: {
        code: 'terminated',
        message: 'ended by SIGTERM before 2 credentials could be rotated',
        hint: 'the other credentials were not changed; run the command again',
      },
    });
  });

  it('while it writes files, which never waits for anything', async () => {
    const names = namesUpTo(20);
    const { session, before } = await openNight(names);
    await session.ok('store', 'set', '--hash', 'bcrypt', '--bcrypt-cost', '12');
    const run = startIn(session, ['rotate', '--due', '--output-dir', 'out']);
    onTestFinished(() => void run.kill('SIGKILL'));
    await expect.poll(() => existsSync(session.workspace.path('out/a01')), PATIENT).toBe(true);
    for (const signal of ['SIGSTOP', 'SIGTERM', 'SIGCONT'] as const) run.kill(signal);
    const { exitCode, stderr } = await run;
    expect(exitCode).toBe(143);
    const [, rotated, left] = /^(\d+) rotated, 0 failed, 0 skipped, (\d+) left$/m.exec(stderr) ?? [];
    expect(Number(rotated) + Number(left)).toBe(20);
    const { stdout } = await session.sh('ls out | wc -l');
    expect(Number(stdout)).toBe(Number(rotated));
    await expectUntouched(session, before, names.slice(Number(rotated)));
  });

  it('during the last one has done all it had to, and says so', async () => {
    const { session } = await openNight(['a01', 'a02', 'a03']);
    const { run, noticed, ended } = await standing(session);
    run.kill('SIGTERM');
    await noticed('SIGTERM');
    await session.sh('touch go');
    const { exitCode, stderr } = await ended();
    expect(exitCode).toBe(143);
    expect(stderr).toContain(
      '3 rotated, 0 failed, 0 skipped\ncredctl: interrupted by SIGTERM, but everything that was due is complete\n',
    );
  });

  it('by Ctrl-C does so as well', async () => {
    const { session, before } = await openNight(NAMES);
    await session.workspace.write('slow.sh', SLOW);
    const terminal = openTerminal(session, 'credctl rotate --due -- sh slow.sh');
    await terminal.waitFor('[2/5] a02: rotated');
    await expect.poll(() => existsSync(session.workspace.path('waiting')), PATIENT).toBe(true);
    terminal.type('\x03');
    await terminal.waitFor('SIGINT: finishing the current rotation first');
    await session.sh('touch go');
    const { exitCode, text } = await terminal.finished();
    expect(exitCode).toBe(130);
    expect(text).toContain('3 rotated, 0 failed, 0 skipped, 2 left');
    await expectUntouched(session, before, ['a04', 'a05']);
  });
});

describe('progress', () => {
  it('is shown on a terminal, a line for each', async () => {
    const { session } = await openNight(['a', 'b', 'c']);
    const { text, exitCode } = await openTerminal(
      session,
      `credctl rotate --due -- sh -c '[ "$CREDCTL_NAME" != b ]'`,
    ).finished();
    expect(exitCode).toBe(7);
    expect(text.split('\n')).toEqual([
      '[1/3] a: rotated',
      '[2/3] b: failed',
      '[3/3] c: rotated',
      'credctl: b: the command "sh" ended with exit status 1',
      'hint: the new secret was revoked; nothing else was changed',
      '2 rotated, 1 failed, 0 skipped',
      '',
    ]);
  });

  it.each([['2> err'], ['-q'], ['--json']])('is not shown with %s', async (how) => {
    const { session } = await openNight(['a']);
    const { text } = await openTerminal(session, `credctl rotate --due --output-dir out ${how}`).finished();
    expect(text).not.toContain('[1/1]');
    const err = await session.sh('cat err 2> /dev/null; true');
    expect(err.stdout).toBe(how === '2> err' ? '1 rotated, 0 failed, 0 skipped\n' : '');
  });
});
