import { type ChildProcess, spawn } from 'node:child_process';
import { constants } from 'node:os';
import { createMasker } from '../domain/masking.js';
import { findProgram } from './find-program.js';
import { writeFully } from './streams.js';

export interface RunProgramOptions {
  /** The program and its arguments. */
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The user's own mode mask. */
  readonly umask: number;
  /** Texts to replace in what the program prints; empty when its output is its own. */
  readonly masked: readonly string[];
}

/** Signals that are passed on; the terminal's own reach the program without us. */
const PASSED_ON = ['SIGTERM', 'SIGHUP', 'SIGUSR1', 'SIGUSR2'] as const;

/** Signals that the terminal sends to the program as well: it decides what becomes of them. */
const LEFT_TO_THE_PROGRAM = ['SIGINT', 'SIGQUIT'] as const;

/**
 * Runs a program in the place of this one, as far as that goes: same terminal, same signals, same exit status.
 *
 * @returns its exit status; 128 and the number of the signal that ended it; 127 when it was not found, 126 when it
 *   cannot be executed
 */
export async function runProgram(options: RunProgramOptions): Promise<number> {
  const [name = '', ...rest] = options.command;
  const found = findProgram(name, options.env);
  if (!('path' in found)) return found.missing === 'not-found' ? 127 : 126;
  const isMasked = options.masked.length > 0;
  const own = process.umask(options.umask);
  let child: ChildProcess;
  try {
    const stdio = isMasked ? (['inherit', 'pipe', 'pipe'] as const) : 'inherit';
    child = spawn(found.path, rest, {
      argv0: name,
      env: options.env,
      stdio: stdio === 'inherit' ? stdio : [...stdio],
    });
  } finally {
    process.umask(own);
  }
  if (isMasked) maskOutput(child, options.masked);
  return ending(child);
}

function ending(child: ChildProcess): Promise<number> {
  const pass = (signal: NodeJS.Signals): void => {
    child.kill(signal);
  };
  const ignore = (): void => {};
  for (const signal of PASSED_ON) process.on(signal, pass);
  for (const signal of LEFT_TO_THE_PROGRAM) process.on(signal, ignore);
  return new Promise((resolve) => {
    const finish = (status: number): void => {
      for (const signal of PASSED_ON) process.off(signal, pass);
      for (const signal of LEFT_TO_THE_PROGRAM) process.off(signal, ignore);
      resolve(status);
    };
    child.once('error', () => finish(126));
    child.once('close', (code, signal) =>
      finish(signal === null ? (code ?? 0) : 128 + constants.signals[signal]),
    );
  });
}

function maskOutput(child: ChildProcess, secrets: readonly string[]): void {
  for (const [stream, descriptor] of [
    [child.stdout, 1],
    [child.stderr, 2],
  ] as const) {
    const masker = createMasker(secrets);
    const write = (text: string): void => {
      try {
        writeFully(descriptor, Buffer.from(text, 'latin1'));
      } catch {
        // Nobody reads any more: the program is told the way a closed pipe would tell it.
        stream?.destroy();
      }
    };
    stream?.on('data', (piece: Buffer) => write(masker.push(piece.toString('latin1'))));
    stream?.on('end', () => write(masker.end()));
  }
}
