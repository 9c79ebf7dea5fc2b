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
): { readonly child: ChildProcess; readonly ended: Promise<Ended> } {
  const child = spawn(process.execPath, [PROGRAM, ...argv], {
    cwd: place.root,
    env: place.env,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const written = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      written[name] += text;
    });
  }
  const ended = once(child, 'close').then(([exitCode, signal]) => ({ exitCode, signal, ...written }));
  return { child, ended };
}

/** Whether a process has a handler for SIGQUIT, as one has that is about to issue a secret. */
export function isWatching(pid: number): boolean {
  const [, caught = '0'] = /^SigCgt:\s*([0-9a-f]+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return (BigInt(`0x${caught}`) & (1n << BigInt(constants.signals.SIGQUIT - 1))) !== 0n;
}
