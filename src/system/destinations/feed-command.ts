import { type ChildProcess, spawn } from 'node:child_process';
import { Readable } from 'node:stream';
import type { EndingSignal } from '../../domain/ending-signal.js';
import type { StopRequest } from '../../domain/ports/ports.js';
import { FEEDING_SHELL, PATIENCE_MS, parseReport, type ShellReport } from './feeding-shell.js';

/** The longest time that a timer of Node can be set to, in milliseconds; a longer one would go off at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

export interface FeedOptions {
  /** Path of the program. */
  readonly path: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The mode mask that it runs with. */
  readonly umask: number;
  /** What it gets on its standard input: one line of text. */
  readonly input: string;
  /** How long it may take, in milliseconds. */
  readonly timeoutMs: number;
  readonly stop: StopRequest;
}

/** How a command ended. */
export interface FeedEnding {
  readonly how:
    | { readonly kind: 'exit'; readonly code: number }
    /** What ended is the shell: the end of the command itself by a signal is an exit status of the shell. */
    | { readonly kind: 'signal'; readonly signal: NodeJS.Signals }
    | { readonly kind: 'unfit-shell' }
    | { readonly kind: 'failed'; readonly fault: Error };
  /** Whether it was started, so that it may have done something with its input. */
  readonly hasBegun: boolean;
  /** Why it was asked to end while it ran; null when it ended by itself. */
  readonly endedFor:
    | { readonly kind: 'timeout' }
    | { readonly kind: 'signal'; readonly signal: EndingSignal }
    | null;
}

/**
 * Runs a command in a process group of its own, with a text as its standard input, and waits for its end. What it
 * writes goes to standard error. When the time is up or a signal asks for an end, its whole group is ended: asked to
 * by SIGTERM, and made to by SIGKILL when it does not.
 */
export function feedCommand(options: FeedOptions): Promise<FeedEnding> {
  const child = start(options);
  // A command that does not read its input ends the pipe early; its exit status says whether that is a failure.
  child.stdin?.on('error', () => {});
  if (process.platform === 'win32') child.stdin?.end(options.input);
  else child.stdin?.write(`${options.input}\n`);
  const report = reportOf(child);
  return new Promise((resolve) => {
    let endedFor: FeedEnding['endedFor'] = null;
    let killer: NodeJS.Timeout | undefined;
    const endGroup = (because: NonNullable<FeedEnding['endedFor']>): void => {
      // Asked again, a command that is finishing what it has begun would lose the programs that it does so with.
      if (endedFor !== null) return;
      endedFor = because;
      signalGroup(child, 'SIGTERM');
      // One that has been stopped would not notice.
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
      // Without the shell, a command that goes on could put the secret in the place of a later one.
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

/** Whether the command says that it has done what it was started for. */
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

/** Collects what the shell reports; what is started without one has begun as soon as it is there. */
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
