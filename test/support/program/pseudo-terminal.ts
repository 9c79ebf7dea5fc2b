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
  const tmux = async (...args: readonly string[]): Promise<string> => {
    const { stdout } = await execa('tmux', ['-L', 'test', '-f', settings, ...args], {
      cwd: workspace.directory,
      env,
      extendEnv: false,
    });
    return stdout;
  };
  await tmux('new-session', '-d', '-s', 'main', '-x', String(columns), '-y', String(rows), '/bin/sh');
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
    joined: () => tmux('capture-pane', '-p', '-J', '-t', 'main'),
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
