import { type ChildProcess, spawn } from 'node:child_process';
import { constants } from 'node:os';
import type { Readable } from 'node:stream';
import type { ProgramOutcome } from '../../domain/ports/ports.js';
import { faultCode } from '../fault-code.js';
import type { CoreDumps } from './core-dumps.js';
import { findProgram } from './find-program.js';
import { passMasked } from './masked-output.js';
import { passSignals } from './passed-signals.js';
import { realPipes, releaseInputs } from './real-pipe.js';

export interface RunProgramOptions {
  /** The program and its arguments. */
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The user's own mode mask. */
  readonly umask: number;
  /** Texts to replace in what the program prints; empty when its output is its own. */
  readonly masked: readonly string[];
  /** The core dumps of the program are its own. */
  readonly coreDumps: CoreDumps;
}

/** Runs a program in the place of this one, as far as that goes: same terminal, same signals, same exit status. */
export async function runProgram(options: RunProgramOptions): Promise<ProgramOutcome> {
  const found = findProgram(options.command[0] ?? '', options.env);
  if (!('path' in found)) return { kind: found.missing };
  let child: ChildProcess | null = null;
  const stopPassing = passSignals(() => child);
  try {
    const program =
      options.masked.length === 0 ? startBare(found.path, options) : startMasked(found.path, options);
    child = program.child;
    const output = program.printed.map((stream, index) => passMasked(stream, index + 1, options.masked));
    const status = await ending(child);
    // What the program leaves behind may hold its output open: signals then are for us alone.
    stopPassing();
    const fault = (await Promise.all(output)).find((outcome) => outcome !== null);
    if (fault !== undefined && status === 0) return { kind: 'output-lost', code: fault };
    return { kind: 'ended', status };
  } catch (fault) {
    return { kind: faultCode(fault) === 'ENOENT' ? 'not-found' : 'not-executable' };
  } finally {
    stopPassing();
  }
}

interface Started {
  readonly child: ChildProcess;
  /** Its standard output and its standard error, where they come to us. */
  readonly printed: readonly Readable[];
}

function startBare(path: string, options: RunProgramOptions): Started {
  return { child: spawnAs(path, options, ['inherit', 'inherit']), printed: [] };
}

function startMasked(path: string, options: RunProgramOptions): Started {
  const pipes = process.platform === 'win32' ? null : realPipes(2);
  if (pipes === null) {
    const child = spawnAs(path, options, ['pipe', 'pipe']);
    return { child, printed: [child.stdout, child.stderr].filter((stream) => stream !== null) };
  }
  try {
    const [out, err] = pipes.map(({ input }) => input);
    return {
      child: spawnAs(path, options, [out ?? 'ignore', err ?? 'ignore']),
      printed: pipes.map(({ output }) => output),
    };
  } finally {
    releaseInputs(pipes);
  }
}

function spawnAs(
  path: string,
  { command, env, umask, coreDumps }: RunProgramOptions,
  output: readonly ('inherit' | 'pipe' | 'ignore' | number)[],
): ChildProcess {
  const [name = '', ...args] = command;
  const own = process.umask(umask);
  try {
    return coreDumps.asBefore(() => spawn(path, args, { argv0: name, env, stdio: ['inherit', ...output] }));
  } finally {
    process.umask(own);
  }
}

/** The exit status; 128 and its number for a signal. Rejects when the program could not be started. */
function ending(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    // Once it runs, an error is of a signal that could not be passed on, to a program of another user.
    child.on('error', (fault) => {
      if (child.pid === undefined) reject(fault);
    });
    child.once('exit', (code, signal) =>
      resolve(signal === null ? (code ?? 0) : 128 + constants.signals[signal]),
    );
  });
}
