import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import {
  describeWithKeyring,
  type UnlockedKeyring,
  unlockedKeyring,
} from '../../support/keychain/unlocked-keyring.js';
import { isMissing } from '../../support/program/missing-programs.js';
import { openTerminal, type PseudoTerminal } from '../../support/program/pseudo-terminal.js';
import { stateOf } from '../../support/program/running-program.js';
import { until } from '../../support/program/until.js';
import { expectOrdinaryMode } from '../interactive/seated.js';
import { type KeptSession, openKept } from './kept.js';

/** Counts the signals that keys send, until a line is typed. */
const COUNTER = `
const counts = { SIGINT: 0, SIGQUIT: 0 };
for (const signal of Object.keys(counts)) {
  process.on(signal, () => console.log(signal + '=' + (counts[signal] += 1)));
}
console.log('counting');
process.stdin.once('data', () => process.exit(7));
`;

describeWithKeyring('credctl run at a terminal', () => {
  let keyring: UnlockedKeyring;
  let session: KeptSession;
  let terminal: PseudoTerminal;

  beforeAll(async () => {
    keyring = await unlockedKeyring();
  });

  beforeEach(async () => {
    session = await openKept(keyring);
    await session.keep('ci-bot');
    await session.workspace.write('counter.js', COUNTER);
    await session.workspace.write('text', Array.from({ length: 200 }, (_, n) => `line ${n}`).join('\n'));
    terminal = await openTerminal(session.workspace);
  });

  afterAll(() => keyring.stop());

  it.each(['', '--mask'])(
    'leaves Ctrl-C and Ctrl-\\ to the program, which gets each once %s',
    async (mask) => {
      await terminal.run(`credctl run ci-bot ${mask} -- node counter.js`);
      await terminal.see('counting');
      for (const count of [1, 2]) {
        await terminal.press('C-c');
        await terminal.see(`SIGINT=${count}`);
      }
      await terminal.press('C-\\');
      await terminal.see('SIGQUIT=1');
      await terminal.press('Enter');
      expect(await terminal.ended()).toBe(7);
      expect(await terminal.joined()).not.toMatch(/SIGINT=3|SIGQUIT=2/);
      await expectOrdinaryMode(terminal);
    },
  );

  it('ends with 130 when Ctrl-C ends the program', async () => {
    await terminal.run('credctl run ci-bot -- sh -c "echo begun; exec sleep 600"');
    await terminal.see('begun');
    await terminal.press('C-c');
    expect(await terminal.ended()).toBe(130);
    expect(await terminal.joined()).not.toContain('credctl:');
  });

  it('stops with the program on Ctrl-Z, and goes on with it', async () => {
    await terminal.run('credctl run ci-bot -- sh -c "echo begun; read line; echo got \\$line; exit 5"');
    await terminal.see('begun');
    await terminal.press('C-z');
    await terminal.see(/Stopped|Suspended/);
    await terminal.run('jobs');
    await terminal.see(/(Stopped|Suspended).*credctl run/);
    await terminal.run('fg');
    await terminal.see('credctl run');
    await terminal.type('hello');
    await terminal.press('Enter');
    await terminal.see('got hello');
    expect(await terminal.ended()).toBe(5);
  });

  it('stops when the program stops itself, and goes on with it', async () => {
    await terminal.run('credctl run ci-bot -- sh -c "echo begun; kill -STOP \\$\\$; echo again; exit 5"');
    await terminal.see(/Stopped|Suspended/);
    await terminal.run('fg');
    await terminal.see('again');
    expect(await terminal.ended()).toBe(5);
  });

  it('does not stop on Ctrl-Z when the program does not', async () => {
    await terminal.run('credctl run ci-bot -- sh -c "trap \'\' TSTP; echo begun; read line; exit 5"');
    await terminal.see('begun');
    await terminal.press('C-z');
    await terminal.type('hello');
    await terminal.press('Enter');
    expect(await terminal.ended()).toBe(5);
  });

  it.skipIf(isMissing('a pager', 'less'))(
    'lets a pager use the whole screen, also of another size, and leaves the terminal as it was',
    async () => {
      await terminal.run('credctl run ci-bot -- less text');
      await terminal.see('line 20');
      await terminal.resize(60, 12);
      await terminal.press('G');
      await terminal.see('line 199');
      expect((await terminal.screen()).split('\n').length).toBeLessThanOrEqual(12);
      await terminal.press('C-z');
      await terminal.see(/Stopped|Suspended/);
      await terminal.run('fg');
      await terminal.see('line 199');
      await terminal.press('g');
      await terminal.see('line 0');
      await terminal.press('q');
      expect(await terminal.ended()).toBe(0);
      await expectOrdinaryMode(terminal);
    },
  );

  it.skipIf(isMissing('an editor', 'vi'))('lets an editor use the whole screen, stop and go on', async () => {
    await terminal.run('credctl run ci-bot -- vi text');
    await terminal.see('line 20');
    await terminal.type('Ichanged ');
    await terminal.press('Escape');
    await terminal.see('changed line 0');
    await terminal.press('C-z');
    await terminal.see(/Stopped|Suspended/);
    await terminal.run('fg');
    await terminal.see('changed line 0');
    await terminal.type(':wq');
    await terminal.press('Enter');
    expect(await terminal.ended()).toBe(0);
    expect(await session.workspace.read('text')).toMatch(/^changed line 0\nline 1\n/);
    await expectOrdinaryMode(terminal);
  });

  it('tells the program the size of the window, and when it changes', async () => {
    const watch = "process.stdout.on('resize', () => console.log('now ' + process.stdout.columns))";
    await session.workspace.write(
      'watch.js',
      `${watch}; console.log('at ' + process.stdout.columns); process.stdin.resume();`,
    );
    await terminal.run('credctl run ci-bot -- node watch.js');
    await terminal.see('at 80');
    await terminal.resize(70, 20);
    await terminal.see('now 70');
    await terminal.press('C-d');
    expect(await terminal.ended()).toBe(0);
  });

  it('works in the background, and is told there to wait for the terminal', async () => {
    await terminal.run('credctl run ci-bot -- sh -c "read line; echo got \\$line > got" & true');
    await terminal.ended();
    const isStopped = async (): Promise<string> => {
      await terminal.run('jobs');
      await terminal.ended();
      return terminal.joined();
    };
    await expect.poll(isStopped, { timeout: 30_000 }).toMatch(/Stopped/);
    await terminal.run('fg');
    await terminal.see('credctl run');
    await terminal.type('hello');
    await terminal.press('Enter');
    expect(await terminal.ended()).toBe(0);
    expect(await session.workspace.read('got')).toBe('got hello\n');
  });

  it('leaves the terminal as the program left it', async () => {
    await terminal.run('credctl run ci-bot -- stty -echo');
    await terminal.ended();
    await terminal.run('stty -a; stty echo');
    expect(await terminal.see('eof')).toMatch(/-echo\b/);
    await terminal.ended();
    await expectOrdinaryMode(terminal);
  });

  it.skipIf(isMissing('an editor', 'vi'))(
    'does not disturb the foreground when it ends in the background',
    async () => {
      await terminal.run(
        "credctl run ci-bot -- sh -c 'while ! [ -e go ]; do sleep 0.1; done' & echo $! > pid; vi text",
      );
      await terminal.see('line 20');
      const pid = Number(await session.workspace.read('pid'));
      await session.workspace.write('go', '');
      await until(() => stateOf(pid) === null || stateOf(pid) === 'Z');
      await terminal.type('Ichanged ');
      await terminal.press('Escape');
      await terminal.see('changed line 0');
      await terminal.type('ZZ');
      expect(await terminal.ended()).toBe(0);
      expect(await session.workspace.read('text')).toMatch(/^changed line 0\nline 1\n/);
    },
  );

  it('lets an interactive shell control its own jobs', async () => {
    await terminal.run('credctl run ci-bot -- env PS1="inner> " bash --norc --noprofile');
    await terminal.see('inner>');
    await terminal.type('printf %s "$CI_BOT_API_KEY" | wc -c; sleep 600');
    await terminal.press('Enter');
    await terminal.see(/^70$/m);
    await terminal.press('C-z');
    await terminal.see('Stopped');
    await terminal.type('kill %1; wait; clear; suspend');
    await terminal.press('Enter');
    await terminal.see(/^\$ *$/m);
    await terminal.run('fg');
    await terminal.see('credctl run');
    await terminal.type('echo back; exit 3');
    await terminal.press('Enter');
    expect(await terminal.ended()).toBe(3);
    await expectOrdinaryMode(terminal);
  });

  it('ends with the terminal when that is closed, and as the program does', async () => {
    await session.workspace.write(
      'scene',
      `trap '' HUP
credctl run ci-bot -- sh -c 'trap "echo hung up > end; exit 5" HUP; echo begun; while :; do sleep 0.1; done'
echo $? > status
`,
    );
    await terminal.run('sh scene');
    await terminal.see('begun');
    await terminal.close();
    const written = (name: string): Promise<string> => session.workspace.read(name).catch(() => '');
    await expect.poll(() => written('status'), { timeout: 30_000 }).toBe('5\n');
    expect(await written('end')).toBe('hung up\n');
  });
});
