import { type ChildProcess, spawn } from 'node:child_process';
import type { EndingSignal, HeldSignals } from './ending-signals.js';

/** Time between asking a process group to end and ending it, in milliseconds. */
const PATIENCE_MS = 3_000;

/** The longest time that a timer of Node can be set to, in milliseconds; a longer one would go off at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/**
 * Gives the command a real pipe: what Node offers as a child's standard input is a socket, which cannot be opened
 * as /dev/stdin. The shell takes the secret in first, so that the command starts with all of it or not at all, even if
 * we are killed meanwhile; it uses no program of the PATH for that, none that would see the secret as an argument, and
 * no variable that is exported, and it traces nothing, whatever SHELLOPTS says. It sees the command as its arguments, so
 * nothing in it is interpreted. A signal to the group is the command's business: the shell waits for what becomes of
 * it, and says nothing of it. When the socket is closed we have been killed, and the group is ended: a command that
 * went on could put this secret in the place of one that a later rotation has delivered.
 */
export const FEEDING_SHELL = `exec 3>&2 4<&0 2> /dev/null
set +ax
trap : HUP INT QUIT TERM
unset credctl_input
[ "$(command -v printf)" = printf ] && IFS= read -r credctl_input || exit 125
(trap '' HUP INT QUIT TERM; read -r _; kill -TERM 0; kill -CONT 0; sleep ${PATIENCE_MS / 1_000}; kill -KILL 0) <&4 > /dev/null 3>&- 4<&- &
command printf %s "$credctl_input" | exec "$@" 2>&3 3>&- 4<&-
credctl_input=$?
kill -KILL "$!"
exit "$credctl_input"`;

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
  readonly signals: HeldSignals;
}

/** How a command ended. */
export type FeedEnding =
  | { readonly kind: 'exit'; readonly code: number }
  | { readonly kind: 'signal'; readonly signal: NodeJS.Signals }
  | { readonly kind: 'timeout' }
  | { readonly kind: 'interrupted'; readonly signal: EndingSignal }
  | { readonly kind: 'failed'; readonly fault: Error };

/**
 * Runs a command in a process group of its own, with a text as its standard input, and waits for its end. What it
 * writes goes to standard error. When the time is up or a signal asks for an end, its whole group is ended.
 */
export function feedCommand(options: FeedOptions): Promise<FeedEnding> {
  const child = start(options);
  // A command that does not read its input ends the pipe early; its exit status says whether that is a failure.
  child.stdin?.on('error', () => {});
  if (process.platform === 'win32') child.stdin?.end(options.input);
  else child.stdin?.write(`${options.input}\n`);
  return new Promise((resolve) => {
    let cause: FeedEnding | null = null;
    const endGroup = (because: FeedEnding): void => {
      cause ??= because;
      signalGroup(child, 'SIGTERM');
      // One that has been stopped would not notice.
      signalGroup(child, 'SIGCONT');
      setTimeout(() => signalGroup(child, 'SIGKILL'), PATIENCE_MS).unref();
    };
    const timeoutMs = Math.min(options.timeoutMs, LONGEST_TIMER_MS);
    const timer = setTimeout(() => endGroup({ kind: 'timeout' }), timeoutMs);
    const unlisten = options.signals.listen((signal) => endGroup({ kind: 'interrupted', signal }));
    const finish = (ending: FeedEnding): void => {
      clearTimeout(timer);
      unlisten();
      if (cause !== null) signalGroup(child, 'SIGKILL');
      resolve(cause ?? ending);
    };
    child.on('error', (fault) => {
      if (child.pid === undefined) finish({ kind: 'failed', fault });
    });
    child.once('exit', (code, signal) =>
      finish(signal === null ? { kind: 'exit', code: code ?? 0 } : { kind: 'signal', signal }),
    );
  });
}

function start({ path, args, env, umask }: FeedOptions): ChildProcess {
  const own = process.umask(umask);
  try {
    const isPosix = process.platform !== 'win32';
    return spawn(isPosix ? '/bin/sh' : path, isPosix ? ['-c', FEEDING_SHELL, 'sh', path, ...args] : args, {
      env,
      stdio: ['pipe', 2, 2],
      detached: isPosix,
    });
  } finally {
    process.umask(own);
  }
}

function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch {
    child.kill(signal);
  }
}
