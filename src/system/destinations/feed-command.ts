import { type ChildProcess, spawn } from 'node:child_process';
import { Readable } from 'node:stream';
import type { EndingSignal } from '../../domain/ending-signal.js';
import type { StopRequest } from '../../domain/ports/ports.js';
import { FEEDING_SHELL, PATIENCE_MS, parseReport, type ShellReport } from './feeding-shell.js';

/** Maximum delay of a Node.js timer, in milliseconds; a longer one would fire at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** Options of {@link feedCommand}. */
export interface FeedOptions {
  /** Path of the program. */
  readonly path: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The umask that it runs with. */
  readonly umask: number;
  /** Text for its standard input: one line. */
  readonly input: string;
  /** Time limit in milliseconds. */
  readonly timeoutMs: number;
  readonly stop: StopRequest;
}

/** How a command ended. */
export interface FeedEnding {
  readonly how:
    | { readonly kind: 'exit'; readonly code: number }
    /** Only the shell's own: a signal that ends the command becomes an exit status of the shell. */
    | { readonly kind: 'signal'; readonly signal: NodeJS.Signals }
    | { readonly kind: 'unfit-shell' }
    | { readonly kind: 'failed'; readonly fault: Error };
  /** Whether it was started, so that it may have acted on its input. */
  readonly hasBegun: boolean;
  /** Why it was terminated; null when it ended by itself. */
  readonly endedFor:
    | { readonly kind: 'timeout' }
    | { readonly kind: 'signal'; readonly signal: EndingSignal }
    | null;
}

/**
 * Runs a command in its own process group, with a text as standard input, and waits for its end. Its output
 * goes to standard error. On the time limit or a signal, the process group gets SIGTERM, and SIGKILL after
 * {@link PATIENCE_MS}.
 */
export function feedCommand(options: FeedOptions): Promise<FeedEnding> {
  const child = start(options);
  // EPIPE when the command does not read its input; its exit status decides whether that is a failure.
  child.stdin?.on('error', () => {});
  if (process.platform === 'win32') child.stdin?.end(options.input);
  else child.stdin?.write(`${options.input}\n`);
  const report = reportOf(child);
  return new Promise((resolve) => {
    let endedFor: FeedEnding['endedFor'] = null;
    let killer: NodeJS.Timeout | undefined;
    const endGroup = (because: NonNullable<FeedEnding['endedFor']>): void => {
      // A second SIGTERM would also end the programs that a terminating command runs for its cleanup.
      if (endedFor !== null) return;
      endedFor = because;
      signalGroup(child, 'SIGTERM');
      // A stopped process group must be continued to handle SIGTERM.
      signalGroup(child, 'SIGCONT');
      killer = setTimeout(() => signalGroup(child, 'SIGKILL'), PATIENCE_MS);
    };
    const timeoutMs = Math.min(options.timeoutMs, LONGEST_TIMER_MS);
    const timer = setTimeout(() => endGroup({ kind: 'timeout' }), timeoutMs);
    const unlisten = options.stop.onUrgent((signal) => endGroup({ kind: 'signal', signal }));
    const finish = (how: FeedEnding['how']): void => {
      clearTimeout(timer);
      clearTimeout(killer);
      unlisten();
      const { hasBegun, isUnfit } = report();
      const ending = { how: isUnfit ? ({ kind: 'unfit-shell' } as const) : how, hasBegun, endedFor };
      // Without its shell, a command that goes on could overwrite the secret of a later rotation.
      if ((endedFor !== null && !isSuccess(ending)) || how.kind === 'signal') signalGroup(child, 'SIGKILL');
      resolve(ending);
    };
    child.on('error', (fault) => {
      if (child.pid === undefined) finish({ kind: 'failed', fault });
    });
    child.once('close', (code, signal) =>
      finish(signal === null ? { kind: 'exit', code: code ?? 0 } : { kind: 'signal', signal }),
    );
  });
}

/** Whether the command was started and exited with status 0. */
export function isSuccess({ how, hasBegun }: FeedEnding): boolean {
  return hasBegun && how.kind === 'exit' && how.code === 0;
}

function start({ path, args, env, umask }: FeedOptions): ChildProcess {
  const own = process.umask(umask);
  try {
    return process.platform === 'win32'
      ? spawn(path, args, { env, stdio: ['pipe', 2, 2] })
      : spawn('/bin/sh', ['-c', FEEDING_SHELL, 'sh', path, ...args], {
          env,
          stdio: ['pipe', 2, 2, 'pipe'],
          detached: true,
        });
  } finally {
    process.umask(own);
  }
}

/** Collects the report of the shell; a command without a shell counts as started once it has a pid. */
function reportOf(child: ChildProcess): () => ShellReport {
  const stream = child.stdio[3];
  if (!(stream instanceof Readable)) return () => ({ hasBegun: child.pid !== undefined, isUnfit: false });
  let text = '';
  stream.on('error', () => {});
  stream.setEncoding('utf8').on('data', (piece: string) => {
    text += piece;
  });
  return () => parseReport(text);
}

function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch {
    child.kill(signal);
  }
}
