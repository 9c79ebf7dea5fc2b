import type { ChildProcess } from 'node:child_process';
import { constants } from 'node:os';
import type { EndingSignal } from '../../domain/ending-signal.js';
import { passSignals } from './passed-signals.js';
import { spawnAsUser, type UsersProcess } from './spawn-as-user.js';

/** Options of {@link startPager}. */
export interface PagerOptions extends UsersProcess {
  /** A line for the shell, as in PAGER. */
  readonly command: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** How a pager ended. */
export interface PagerEnd {
  /** 128 plus the signal number after a signal; 127 where there is no shell to start it. */
  readonly status: number;
  /** The signal that told this process to end, and that the pager was ended with. */
  readonly told: EndingSignal | null;
}

/** A pager that reads what is written, and shows it. */
export interface RunningPager {
  write(text: string): Promise<boolean>;
  end(): void;
  readonly ended: Promise<PagerEnd>;
}

/** A program with arguments, without anything that a shell interprets. */
const ONE_COMMAND = /^[\w./+-]+(?:[ \t]+[\w./:=+,@%-]+)*$/;

/** Signals that end this process while the terminal's keys belong to the pager. */
const TOLD_BY = ['SIGTERM', 'SIGHUP'] as const;

/**
 * Starts a pager on this terminal, with a pipe as its standard input. Until it ends, Ctrl-C and Ctrl-\ are its keys, so
 * that it is never left behind on a terminal that it has changed; Ctrl-Z stops both.
 */
export function startPager({ command, env, ...users }: PagerOptions): RunningPager {
  const child = spawnAsUser(shellLine(command), [], users, {
    env,
    shell: true,
    stdio: ['pipe', 'inherit', 'inherit'],
  });
  const stopPassing = passSignals(() => child);
  const signals = rememberSignals();
  let isOver = false;
  const input = child.stdin;
  // EPIPE: it has been quit before it had read everything.
  input?.on('error', () => {});
  const closed = new Promise<false>((resolve) => {
    input?.once('close', () => resolve(false));
    void statusOf(child).then(() => resolve(false));
  });
  void closed.then(() => {
    isOver = true;
  });
  return {
    async write(text) {
      if (isOver || input === null) return false;
      if (input.write(text)) return true;
      return Promise.race([closed, new Promise<true>((resolve) => input.once('drain', () => resolve(true)))]);
    },
    end: () => void input?.end(),
    ended: statusOf(child).then((status) => {
      stopPassing();
      return { status, told: signals.release() };
    }),
  };
}

/**
 * A signal must reach the pager itself: of a shell that dies before it, the pager would stay on a terminal that it has
 * changed. Of more than one command, the shell waits for the end.
 */
function shellLine(command: string): string {
  if (process.platform === 'win32') return command;
  return ONE_COMMAND.test(command) ? `exec ${command}` : `trap : TERM HUP; ${command}`;
}

function rememberSignals(): { release(): EndingSignal | null } {
  let first: EndingSignal | null = null;
  const remember = (signal: NodeJS.Signals): void => {
    first ??= TOLD_BY.find((each) => each === signal) ?? null;
  };
  for (const signal of TOLD_BY) process.on(signal, remember);
  return {
    release() {
      for (const signal of TOLD_BY) process.off(signal, remember);
      return first;
    },
  };
}

function statusOf(child: ChildProcess): Promise<number> {
  return new Promise((resolve) => {
    child.once('error', () => {
      if (child.pid === undefined) resolve(127);
    });
    child.once('exit', (code, signal) =>
      resolve(signal === null ? (code ?? 0) : 128 + constants.signals[signal]),
    );
  });
}
