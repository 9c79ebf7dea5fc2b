import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { type Ended, PROGRAM } from './real-program.js';
import type { Workplace } from './workplace.js';

/** Starts credctl in a session of its own; it has ended once all that it has written is there. */
export function startedIn(
  place: Workplace,
  argv: readonly string[],
  input: 'ignore' | 'pipe' = 'ignore',
): { readonly child: ChildProcess; readonly ended: Promise<Ended> } {
  const child = spawn(process.execPath, [PROGRAM, ...argv], {
    cwd: place.root,
    env: place.env,
    detached: true,
    stdio: [input, 'pipe', 'pipe'],
  });
  const written = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name]?.setEncoding('utf8').on('data', (text: string) => {
      written[name] += text;
    });
  }
  const ended = once(child, 'close').then(([exitCode, signal]) => ({ exitCode, signal, ...written }));
  return { child, ended };
}

/** Whether a process has a handler for a signal. */
export function hasHandler(pid: number, signal: NodeJS.Signals): boolean {
  const [, caught = '0'] = /^SigCgt:\s*([0-9a-f]+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return (BigInt(`0x${caught}`) & (1n << BigInt(constants.signals[signal] - 1))) !== 0n;
}

/** Whether it is about to issue a secret: until then SIGQUIT does what it does by default. */
export function isWatching(pid: number): boolean {
  return hasHandler(pid, 'SIGQUIT');
}
