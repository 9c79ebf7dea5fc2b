import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isMissing } from '../../support/program/missing-programs.js';
import { openTerminal } from '../../support/program/pseudo-terminal.js';
import { type Session, sessionIn } from '../../support/program/run.js';
import { onTerminal } from '../../support/program/terminal.js';
import { createWorkspace, type Workspace } from '../../support/program/workspace.js';
import { expectOrdinaryMode, stop } from '../interactive/seated.js';

/** More than a page of `list`, which is 50. */
const COUNT = 60;

/** A pager that is no screenful: it marks what went through it. */
const MARKING = "PAGER='sed s/^/+/'";

let workspace: Workspace;
let session: Session;

beforeAll(async () => {
  workspace = await createWorkspace();
  session = sessionIn(workspace);
  for (let number = 1; number <= COUNT; number += 1) await session.issue(`c-${number + 100}`);
});
afterAll(() => workspace.remove());

/** The names of credentials in a listing, whose lines begin with a mark. */
function namesIn(text: string, mark = ''): readonly string[] {
  return text.split('\n').flatMap((line) => {
    const [, before, name] = /^(\+?)(c-\d+) /.exec(line) ?? [];
    return before === mark && name !== undefined ? [name] : [];
  });
}

const ALL = Array.from({ length: COUNT }, (_, index) => `c-${index + 101}`);

describe.skipIf(isMissing('the pager', 'less', 'tmux'))('less', () => {
  it.each([
    ['credctl list', `c-${100 + COUNT}`],
    ['credctl audit', 'store.init'],
    ['credctl audit list --action credential.create', 'c-101'],
    ['credctl catalog show', 'resources'],
  ])('shows %s to its end, and leaves the terminal as it was', async (command, last) => {
    const terminal = await openTerminal(workspace);
    await terminal.run(command);
    await terminal.see(/^:/m);
    await terminal.press('G');
    await terminal.see(last);
    await terminal.see('(END)');
    await terminal.press('q');
    expect(await terminal.ended()).toBe(0);
    expect(await terminal.scrollback()).not.toContain('more:');
    await expectOrdinaryMode(terminal);
  });

  it('shows a credential that is longer than the screen', async () => {
    const terminal = await openTerminal(workspace, { rows: 10 });
    await terminal.run('credctl show c-101');
    await terminal.see(/^:/m);
    await terminal.press('q');
    expect(await terminal.ended()).toBe(0);
  });

  it('does not stay where everything fits the screen', async () => {
    const terminal = await openTerminal(workspace);
    await terminal.run('credctl list --search c-11');
    expect(await terminal.ended()).toBe(0);
    expect(namesIn(await terminal.screen())).toHaveLength(10);
  });

  it('can be left at once: that is no failure', async () => {
    const terminal = await openTerminal(workspace);
    await terminal.run('credctl list');
    await terminal.see(/^:/m);
    await terminal.press('q');
    expect(await terminal.ended()).toBe(0);
    expect(await terminal.scrollback()).not.toContain('credctl:');
    await expectOrdinaryMode(terminal);
  });

  it('keeps Ctrl-C for itself', async () => {
    const terminal = await openTerminal(workspace);
    await terminal.run('credctl list');
    await terminal.see(/^:/m);
    await terminal.press('C-c');
    await terminal.press('G');
    await terminal.see('(END)');
    await terminal.press('q');
    expect(await terminal.ended()).toBe(0);
    await expectOrdinaryMode(terminal);
  });

  it('stops with Ctrl-Z, and comes back', async () => {
    const terminal = await openTerminal(workspace);
    await terminal.run('credctl list');
    await terminal.see(/^:/m);
    await stop(terminal);
    await terminal.run('fg');
    await terminal.see(/^:/m);
    await terminal.press('G');
    await terminal.see('(END)');
    await terminal.press('q');
    expect(await terminal.ended()).toBe(0);
  });

  it.each(['less', "'cat | less'"])('as %s ends with a command that is ended', async (pager) => {
    const terminal = await openTerminal(workspace);
    await terminal.run(`PAGER=${pager} sh -c 'echo $$ > pid; exec credctl list'`);
    await terminal.see(/^:/m);
    process.kill(Number(await workspace.read('pid')), 'SIGTERM');
    // Of several commands, the one that has the terminal is left to the person.
    if (pager !== 'less') await terminal.press('q');
    expect(await terminal.ended()).toBe(143);
    expect(await terminal.joined()).toContain('credctl: ended by SIGTERM');
    await expectOrdinaryMode(terminal);
  });
});

describe('PAGER', () => {
  it.each(['list', 'audit --action credential.create'])('gets all of %s', async (command) => {
    const { text, exitCode } = await onTerminal(session, `${MARKING} credctl ${command}`);
    expect(exitCode).toBe(0);
    expect(text.split('\n').filter((line) => /^\+.*\bc-\d+ /.test(line))).toHaveLength(COUNT);
    expect(text).not.toContain('more:');
  });

  it.each(["PAGER=''", 'PAGER=cat'])('%s is none: everything goes to the terminal', async (setting) => {
    const { text, exitCode } = await onTerminal(session, `${setting} credctl list`);
    expect(exitCode).toBe(0);
    expect(namesIn(text)).toEqual(ALL);
    expect(text).not.toContain('more:');
  });

  it.each(['no-such-pager', './no-such-pager -x', 'no-such-pager | cat && no-such-pager'])(
    'that cannot be started, %s, is told, and everything goes to the terminal',
    async (pager) => {
      const { text, exitCode } = await onTerminal(session, `PAGER='${pager}' credctl list`);
      expect(exitCode).toBe(0);
      expect(text).toContain(`note: the pager "${pager}" could not be started`);
      expect(namesIn(text)).toEqual(ALL);
    },
  );

  it('that takes no more ends the listing quietly', async () => {
    const { text, exitCode } = await onTerminal(session, "PAGER='head -n 3' credctl list");
    expect(exitCode).toBe(0);
    expect(namesIn(text)).toEqual(ALL.slice(0, 2));
  });

  it('gets options for less and lv, where the environment has none', async () => {
    const pager = `PAGER='cat >/dev/null; echo "$LESS $LESSCHARSET $LV"'`;
    expect((await onTerminal(session, `${pager} credctl list`)).text).toBe('FRX utf-8 -c\n');
    expect((await onTerminal(session, `LESS=S LV= ${pager} credctl list`)).text).toBe('S utf-8 \n');
  });

  it.each([
    ['a standard input that is no terminal', 'credctl list < /dev/null'],
    ['--no-input', 'credctl list --no-input'],
    ['--json', 'credctl list --json'],
    ['output that fits the screen', 'credctl list --search c-11'],
    ['an error', 'credctl show nobody'],
  ])('is not started for %s', async (_, command) => {
    const { text } = await onTerminal(session, `${MARKING} credctl ${command.replace('credctl ', '')}`);
    expect(text).not.toMatch(/^\+/m);
  });

  it('leaves the hint to a cursor to those who ask for a page', async () => {
    const { text } = await onTerminal(session, `${MARKING} credctl list --limit 55`);
    expect(namesIn(text, '+')).toEqual(ALL.slice(0, 55));
    expect(text).toMatch(/^more: add --cursor \S+$/m);
  });
});
