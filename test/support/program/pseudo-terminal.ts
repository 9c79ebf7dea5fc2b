import { spawn } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { execa } from 'execa';
import { onTestFinished } from 'vitest';
import type { Workspace } from './workspace.js';

/** How often the screen is looked at while something is awaited, in milliseconds. */
const GLANCE_MS = 50;

/** How long anything may take on a machine that is busy, in milliseconds. */
const PATIENCE_MS = 30_000;

export interface TerminalOptions {
  readonly columns?: number;
  readonly rows?: number;
  /** Whether the terminal has a second screen; without, everything ends up on the first. */
  readonly alternateScreen?: boolean;
}

/** A real terminal, a detached tmux window, in which a POSIX shell runs in a workspace. */
export interface PseudoTerminal {
  readonly columns: number;
  /** Types a command line and presses Enter. */
  run(line: string): Promise<void>;
  /** Types a text. */
  type(text: string): Promise<void>;
  /** Presses keys by their tmux names, such as `Enter`, `Down` or `C-c`. */
  press(...keys: readonly string[]): Promise<void>;
  /** Empties the screen behind the program's back: what can be seen then was drawn afterwards. */
  wipe(): Promise<void>;
  /** Pastes a text, as a terminal does: marked as such where the program asked for that. */
  paste(text: string): Promise<void>;
  /** What can be seen now. */
  screen(): Promise<string>;
  /** What can be seen, with the lines joined that the terminal wrapped. */
  joined(): Promise<string>;
  /** What can be seen, with the sequences that colour it. */
  coloured(): Promise<string>;
  /** All that the terminal keeps: what can be seen on its first screen and what was scrolled away. */
  scrollback(): Promise<string>;
  /** Waits until what can be seen matches; answers with it. */
  see(what: string | RegExp): Promise<string>;
  /** Waits for the end of a command that was started with {@link PseudoTerminal.run}; its exit status. */
  ended(): Promise<number>;
  resize(columns: number, rows: number): Promise<void>;
  /** The title of the window. */
  title(): Promise<string>;
  /** Closes it on whatever runs there. */
  close(): Promise<void>;
}

let opened = 0;

/** Opens a terminal that is closed when the test has finished. */
export async function openTerminal(
  workspace: Workspace,
  { columns = 80, rows = 24, alternateScreen = true }: TerminalOptions = {},
): Promise<PseudoTerminal> {
  const settings = join(workspace.root, 'tmux.conf');
  const onOrOff = alternateScreen ? 'on' : 'off';
  await writeFile(
    settings,
    `set -g status off\nset -g history-limit 20000\nsetw -g alternate-screen ${onOrOff}\nset -g default-terminal screen-256color\n`,
  );
  const env = {
    ...workspace.env,
    LC_ALL: 'C.UTF-8',
    PS1: '$ ',
    TMUX_TMPDIR: workspace.root,
    SHELL: '/bin/sh',
    TERM: 'screen-256color',
  };
  // A server that is ending still has its socket for a moment.
  opened += 1;
  const server = ['-L', `test-${opened}`, '-f', settings];
  const tmux = async (...args: readonly string[]): Promise<string> => {
    const { stdout } = await execa('tmux', [...server, ...args], {
      cwd: workspace.directory,
      env,
      extendEnv: false,
    });
    return stdout;
  };
  await tmux('new-session', '-d', '-s', 'main', '-x', String(columns), '-y', String(rows), '/bin/sh');
  const ask = controlMode(server, env);
  onTestFinished(async () => {
    await tmux('kill-server').catch(() => {});
  });
  const until = async (isRight: (seen: string) => boolean, what: string): Promise<string> => {
    const deadline = Date.now() + PATIENCE_MS;
    for (;;) {
      const seen = await terminal.joined();
      if (isRight(seen)) return seen;
      if (Date.now() > deadline) throw new Error(`waited in vain for ${what}; there is:\n${seen}`);
      await pause(GLANCE_MS);
    }
  };
  let run = 0;
  const terminal: PseudoTerminal = {
    columns,
    async run(line) {
      run += 1;
      const report = `echo "#${run} ended"=$?`;
      await terminal.type(`clear; ${line}; ${report}`);
      await terminal.press('Enter');
      await until((seen) => !seen.includes(report), 'the command line to go');
    },
    type: async (text) => void (await tmux('send-keys', '-t', 'main', '-l', '--', text)),
    press: async (...keys) => void (await tmux('send-keys', '-t', 'main', ...keys)),
    wipe: async () => void (await tmux('send-keys', '-t', 'main', '-R')),
    async paste(text) {
      await tmux('set-buffer', '--', text);
      await tmux('paste-buffer', '-p', '-t', 'main');
    },
    screen: () => tmux('capture-pane', '-p', '-t', 'main'),
    joined: async () =>
      (await ask('capture-pane -p -J -t main')) ?? tmux('capture-pane', '-p', '-J', '-t', 'main'),
    coloured: () => tmux('capture-pane', '-p', '-e', '-t', 'main'),
    scrollback: () => tmux('capture-pane', '-p', '-J', '-t', 'main', '-S', '-', '-E', '-'),
    see: (what) =>
      until((seen) => (typeof what === 'string' ? seen.includes(what) : what.test(seen)), String(what)),
    async ended() {
      const end = new RegExp(`#${run} ended=(\\d+)`);
      return Number(end.exec(await terminal.see(end))?.[1]);
    },
    resize: async (width, height) =>
      void (await tmux('resize-window', '-t', 'main', '-x', String(width), '-y', String(height))),
    title: () => tmux('display-message', '-p', '-t', 'main', '#{pane_title} #{window_name}'),
    close: async () => void (await tmux('kill-session', '-t', 'main')),
  };
  await terminal.see(/^\$/m);
  return terminal;
}

/** Where the answer to a command of this client begins and ends, in tmux(1), "CONTROL MODE". */
const [BEGIN, END] = [/^%begin \d+ \d+ 1$/, /^%(end|error) \d+ \d+ 1$/];

/**
 * A client of tmux that stays, for what is asked again and again: a process for each question takes ten times as long.
 *
 * @returns asks tmux a command; the lines of its answer, or null when it has failed or the session is gone
 */
function controlMode(
  server: readonly string[],
  env: Readonly<Record<string, string>>,
): (command: string) => Promise<string | null> {
  const attach = ['-C', 'attach', '-t', 'main', '-f', 'ignore-size,no-output,read-only'];
  const client = spawn('tmux', [...server, ...attach], { env, stdio: ['pipe', 'pipe', 'ignore'] });
  const waiting: ((answer: string | null) => void)[] = [];
  let answer: string[] | null = null;
  let rest = '';
  let isGone = false;
  const take = (line: string): void => {
    const [, end] = END.exec(line) ?? [];
    if (answer === null) {
      if (BEGIN.test(line)) answer = [];
    } else if (end === undefined) answer.push(line);
    else {
      waiting.shift()?.(end === 'end' ? answer.join('\n') : null);
      answer = null;
    }
  };
  client.stdout.setEncoding('utf8').on('data', (text: string) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) take(line);
  });
  client.stdin.on('error', () => {});
  client.once('close', () => {
    isGone = true;
    for (const tell of waiting.splice(0)) tell(null);
  });
  return (command) =>
    new Promise((resolve) => {
      if (isGone) return void resolve(null);
      waiting.push(resolve);
      client.stdin.write(`${command}\n`);
    });
}
