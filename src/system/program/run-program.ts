import type { ChildProcess } from 'node:child_process';
import { constants } from 'node:os';
import type { Readable } from 'node:stream';
import type { ProgramOutcome } from '../../domain/ports/ports.js';
import { errno } from '../../files/errno.js';
import { findProgram } from './find-program.js';
import { passMasked } from './masked-output.js';
import { passSignals } from './passed-signals.js';
import { realPipes, releaseInputs } from './real-pipe.js';
import { spawnAsUser, type UsersProcess } from './spawn-as-user.js';

/** Options of {@link runProgram}. */
export interface RunProgramOptions extends UsersProcess {
  /** The program and its arguments. */
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Texts to mask in the program's output; empty to let it inherit the streams. */
  readonly masked: readonly string[];
}

/** Runs a program in the foreground, transparently: same terminal, signals and exit status. */
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
    // Background processes of the program may keep its output open; signals are no longer forwarded then.
    stopPassing();
    const fault = (await Promise.all(output)).find((outcome) => outcome !== null);
    if (fault !== undefined && status === 0) return { kind: 'output-lost', code: fault };
    return { kind: 'ended', status };
  } catch (fault) {
    return { kind: errno(fault) === 'ENOENT' ? 'not-found' : 'not-executable' };
  } finally {
    stopPassing();
  }
}

interface Started {
  readonly child: ChildProcess;
  /** Its standard output and standard error, where they are piped. */
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
  options: RunProgramOptions,
  output: readonly ('inherit' | 'pipe' | 'ignore' | number)[],
): ChildProcess {
  const [name = '', ...args] = options.command;
  return spawnAsUser(path, args, options, {
    argv0: name,
    env: options.env,
    stdio: ['inherit', ...output],
  });
}

/**
 * The exit status; 128 plus the signal number after a signal. Rejects when the program could not be started.
 */
function ending(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    // After the start, an error comes from a signal that could not be sent, such as to another user's process.
    child.on('error', (fault) => {
      if (child.pid === undefined) reject(fault);
    });
    child.once('exit', (code, signal) =>
      resolve(signal === null ? (code ?? 0) : 128 + constants.signals[signal]),
    );
  });
}
