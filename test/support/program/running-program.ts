import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import { onTestFinished } from 'vitest';
import type { Session } from './run.js';

/** A credctl that runs, in a session of its own: no terminal is near. */
export interface RunningProgram {
  readonly pid: number;
  /** Everything it has printed so far. */
  readonly printed: { readonly stdout: string; readonly stderr: string };
  /** Waits until it has printed the text; fails when it ends without that. */
  see(text: string | RegExp): Promise<void>;
  /** Sends a signal to credctl alone. */
  kill(signal: NodeJS.Signals): void;
  type(text: string): void;
  /** Leaves what it prints in the pipe, until it is read again. */
  pauseReading(): void;
  resumeReading(): void;
  /** The exit status; 128 and its number for a signal. */
  ended(): Promise<number>;
}

const GLANCE_MS = 20;

/** Starts credctl; `through` stands before it, such as a program that takes rights away. */
export function startProgram(
  { workspace }: Session,
  args: readonly string[],
  through: readonly string[] = [],
): RunningProgram {
  const [program = '', ...rest] = [...through, 'credctl', ...args];
  const child = spawn(program, rest, {
    cwd: workspace.directory,
    env: workspace.env,
    detached: true,
    stdio: 'pipe',
  });
  const pid = child.pid ?? 0;
  onTestFinished(() => endGroup(pid));
  const printed = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('latin1').on('data', (text: string) => {
      printed[name] += text;
    });
  }
  const end = once(child, 'close') as Promise<[number | null, NodeJS.Signals | null]>;
  let hasEnded = false;
  child.once('close', () => {
    hasEnded = true;
  });
  child.stdin.on('error', () => {});
  return {
    pid,
    printed,
    async see(text) {
      const isThere = (): boolean => {
        const all = printed.stdout + printed.stderr;
        return typeof text === 'string' ? all.includes(text) : text.test(all);
      };
      while (!isThere()) {
        if (hasEnded) throw new Error(`it ended without ${text}: ${JSON.stringify(printed)}`);
        await pause(GLANCE_MS);
      }
    },
    kill: (signal) => void process.kill(pid, signal),
    type: (text) => void child.stdin.write(text),
    pauseReading: () => void child.stdout.pause(),
    resumeReading: () => void child.stdout.resume(),
    async ended() {
      const [code, signal] = await end;
      return code ?? 128 + constants.signals[signal ?? 'SIGKILL'];
    },
  };
}

/** The state of a process as proc(5) has it, such as `T` for one that is stopped; null when it is gone. */
export function stateOf(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).charAt(0);
  } catch {
    return null;
  }
}

function endGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {}
}
