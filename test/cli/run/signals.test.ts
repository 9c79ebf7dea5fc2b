import { existsSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import {
  describeWithKeyring,
  type UnlockedKeyring,
  unlockedKeyring,
} from '../../support/keychain/unlocked-keyring.js';
import { startProgram, stateOf } from '../../support/program/running-program.js';
import { until } from '../../support/program/until.js';
import { type KeptSession, openKept, shell } from './kept.js';

const PASSED_ON = [
  'SIGTERM',
  'SIGHUP',
  'SIGUSR1',
  'SIGUSR2',
  'SIGINT',
  'SIGQUIT',
  'SIGTSTP',
  'SIGCONT',
] as const;

const isRoot = process.geteuid?.() === 0;
if (!isRoot) process.stderr.write('not run, since it takes root: signals to a program of another user\n');

/** Tells of every signal that it gets, and ends when it is told to. */
const LISTENER = `
for (const signal of ${JSON.stringify(PASSED_ON)}) process.on(signal, () => console.log('got ' + signal));
process.stdin.once('data', () => process.exit(9));
console.log('ready ' + process.pid);
`;

describeWithKeyring('credctl run passes signals on', () => {
  let keyring: UnlockedKeyring;
  let session: KeptSession;

  beforeAll(async () => {
    keyring = await unlockedKeyring();
  });

  beforeEach(async () => {
    session = await openKept(keyring);
    await session.keep('ci-bot');
  });

  afterAll(() => keyring.stop());

  it.each([[[]], [['--mask']]])('each of them once, and none ends it %j', async (mask) => {
    const program = startProgram(session, ['run', 'ci-bot', ...mask, '--', process.execPath, '-e', LISTENER]);
    await program.see('ready');
    for (const [index, signal] of PASSED_ON.entries()) {
      program.kill(signal);
      await program.see(`got ${signal}`);
      expect(program.printed.stdout.split('got ')).toHaveLength(index + 2);
    }
    program.type('\n');
    expect(await program.ended()).toBe(9);
    expect(program.printed.stdout.match(/got/g)).toHaveLength(PASSED_ON.length);
    expect(program.printed.stderr).toBe('');
  });

  it.each([
    ['SIGTERM', 143],
    ['SIGINT', 130],
    ['SIGHUP', 129],
    ['SIGQUIT', 131],
    ['SIGUSR1', 138],
  ] as const)('a program that %s ends makes the exit status %i', async (signal, exitCode) => {
    const program = startProgram(session, [
      'run',
      'ci-bot',
      ...shell('ulimit -c 0; echo ready; exec sleep 600'),
    ]);
    await program.see('ready');
    program.kill(signal);
    expect(await program.ended()).toBe(exitCode);
    expect(program.printed.stderr).toBe('');
  });

  it('also to a program that has been stopped, without standing still itself', async () => {
    const program = startProgram(session, [
      'run',
      'ci-bot',
      ...shell('echo $$ > pid; kill -STOP $$; exit 3'),
    ]);
    await until(() => existsSync(session.workspace.path('pid')));
    const pid = Number(await session.workspace.read('pid'));
    await until(() => stateOf(pid) === 'T');
    await pause(200);
    expect(stateOf(program.pid), 'no shell waits at a terminal').not.toBe('T');
    program.kill('SIGCONT');
    expect(await program.ended()).toBe(3);
  });

  it.skipIf(!isRoot)('to a program of another user in vain, and goes on waiting for it', async () => {
    const become = 'exec setpriv --reuid 65534 --clear-groups sh -c "echo ready; read line; exit 7"';
    const withoutKill = ['setpriv', '--bounding-set=-kill', '--inh-caps=-all'];
    const program = startProgram(session, ['run', 'ci-bot', ...shell(become)], withoutKill);
    await program.see('ready');
    for (const signal of PASSED_ON.slice(0, 4)) program.kill(signal);
    await pause(200);
    expect(stateOf(program.pid)).not.toBeNull();
    program.type('\n');
    expect(await program.ended()).toBe(7);
    expect(program.printed.stderr).toBe('');
  });

  it('also while nobody reads what it prints', async () => {
    const endless = ['run', 'ci-bot', '--mask', ...shell('echo $$ > pid; exec yes')];
    const program = startProgram(session, endless);
    await program.see('y');
    const pid = Number(await session.workspace.read('pid'));
    program.pauseReading();
    for (let glances = 0; glances < 25; glances = stateOf(pid) === 'S' ? glances + 1 : 0) await pause(20);
    program.kill('SIGTERM');
    await until(() => stateOf(pid) === null);
    program.resumeReading();
    expect(await program.ended()).toBe(143);
  });

  it('until the program has ended: what it leaves behind does not keep credctl', async () => {
    const program = startProgram(session, ['run', 'ci-bot', '--mask', ...shell('sleep 600 & echo $! > pid')]);
    await until(() => existsSync(session.workspace.path('pid')));
    // The first may still be passed on to the program, which then ends by it.
    while (stateOf(program.pid) !== null && stateOf(program.pid) !== 'Z') {
      program.kill('SIGTERM');
      await pause(50);
    }
    expect(await program.ended()).toBe(143);
    process.kill(Number(await session.workspace.read('pid')), 'SIGKILL');
  });
});
