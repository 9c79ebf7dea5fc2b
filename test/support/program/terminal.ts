import { constants } from 'node:os';
import { stripVTControlCharacters } from 'node:util';
import { execa } from 'execa';
import { onTestFinished } from 'vitest';
import type { Session } from './run.js';

/** Keys, as a terminal sends them. */
export const KEYS = { enter: '\r', ctrlC: '\x03', ctrlD: '\x04', ctrlT: '\x14', escape: '\x1b' } as const;

/** What a command left on the screen, and how it ended. */
export interface ScreenResult {
  readonly exitCode: number;
  /** Everything that was sent to the terminal, control sequences included. */
  readonly raw: string;
  /** The same without control sequences, with plain line ends. */
  readonly text: string;
}

/** A command at a pseudo-terminal. */
export interface Terminal {
  /** Waits until the text is on the screen; fails when the command ends without it. */
  waitFor(text: string | RegExp): Promise<void>;
  type(keys: string): void;
  finished(): Promise<ScreenResult>;
}

export interface TerminalOptions {
  readonly columns?: number;
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/** Starts a line of shell at a real pseudo-terminal, by script(1) of util-linux. */
export function openTerminal(
  { workspace }: Session,
  command: string,
  { columns = 100, env = {} }: TerminalOptions = {},
): Terminal {
  const subprocess = execa(
    'script',
    ['--echo', 'always', '-qefc', `stty cols ${columns} rows 24; ${command}`, '/dev/null'],
    {
      cwd: workspace.directory,
      env: { ...workspace.env, SHELL: '/bin/sh', TERM: 'xterm-256color', PAGER: 'cat', ...env },
      extendEnv: false,
      reject: false,
      stripFinalNewline: false,
      stdin: 'pipe',
    },
  );
  onTestFinished(() => {
    subprocess.kill('SIGKILL');
  });
  let raw = '';
  let hasEnded = false;
  let notify = (): void => {};
  subprocess.stdout.on('data', (chunk: Buffer) => {
    raw += chunk.toString('utf8');
    notify();
  });
  subprocess.once('exit', () => {
    hasEnded = true;
    notify();
  });
  const isShown = (text: string | RegExp): boolean =>
    typeof text === 'string' ? plain(raw).includes(text) : text.test(plain(raw));
  return {
    async waitFor(text) {
      while (!isShown(text)) {
        if (hasEnded) throw new Error(`the command ended without showing ${text}: ${plain(raw)}`);
        await new Promise<void>((resolve) => {
          notify = resolve;
        });
      }
    },
    type: (keys) => void subprocess.stdin.write(keys),
    async finished() {
      const { exitCode, signal } = await subprocess;
      return {
        exitCode: exitCode ?? 128 + constants.signals[signal ?? 'SIGKILL'],
        raw,
        text: plain(raw),
      };
    },
  };
}

/** Runs a line of shell at a terminal without input. */
export function onTerminal(
  session: Session,
  command: string,
  options: TerminalOptions = {},
): Promise<ScreenResult> {
  return openTerminal(session, command, options).finished();
}

function plain(raw: string): string {
  return stripVTControlCharacters(raw).replaceAll('\r\n', '\n');
}
