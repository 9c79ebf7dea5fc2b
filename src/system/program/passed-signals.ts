import type { ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { isTerminal } from '../streams.js';

/** Signals that are always forwarded. */
const PASSED_ON = ['SIGTERM', 'SIGHUP', 'SIGUSR1', 'SIGUSR2', 'SIGCONT'] as const;

/** Signals of the terminal to its foreground process group: the program receives these itself. */
const KEYS = ['SIGINT', 'SIGQUIT', 'SIGTSTP'] as const;

/** Those of them left to the program where its process state is not visible. */
const KEYS_THAT_END = ['SIGINT', 'SIGQUIT'] as const;

/**
 * After this time a program that is still stopped was stopped itself, and not continued together with this
 * process; milliseconds.
 */
const GLANCE_MS = 20;

/** Fields of /proc/PID/stat (proc(5)). */
interface ProcessStat {
  readonly state: string;
  readonly group: number;
  /** Foreground process group of its terminal; -1 without a terminal. */
  readonly foreground: number;
}

/**
 * Forwards signals to a child, so that it stops, continues and ends as if it had been started directly.
 *
 * @param program the child, once it has been started
 * @returns ends the forwarding
 */
export function passSignals(program: () => ChildProcess | null): () => void {
  const passOn = (signal: NodeJS.Signals): void => void program()?.kill(signal);
  const passOnUnlessKey = (signal: NodeJS.Signals): void => {
    if (!isInForeground()) passOn(signal);
  };
  let glance: NodeJS.Timeout | undefined;
  const onChange = (): void => {
    clearTimeout(glance);
    if (isStopped(program())) glance = setTimeout(() => followInto(program()), GLANCE_MS);
  };
  for (const signal of PASSED_ON) process.on(signal, passOn);
  const keys = statOf('self') === null ? KEYS_THAT_END : KEYS;
  for (const signal of keys) process.on(signal, passOnUnlessKey);
  process.on('SIGCHLD', onChange);
  return () => {
    clearTimeout(glance);
    for (const signal of PASSED_ON) process.off(signal, passOn);
    for (const signal of keys) process.off(signal, passOnUnlessKey);
    process.off('SIGCHLD', onChange);
  };
}

/** Stops this process with the child: the shell's job control sees only this process. */
function followInto(program: ChildProcess | null): void {
  if (isStopped(program) && (statOf('self')?.foreground ?? -1) !== -1) process.kill(process.pid, 'SIGSTOP');
}

function isStopped(program: ChildProcess | null): boolean {
  return program?.pid !== undefined && statOf(program.pid)?.state === 'T';
}

/** Whether this process group is in the foreground, so that the terminal's signals also reach the child. */
function isInForeground(): boolean {
  const stat = statOf('self');
  return stat === null ? isTerminal(0) : stat.foreground === stat.group;
}

function statOf(process: number | 'self'): ProcessStat | null {
  try {
    const stat = readFileSync(`/proc/${process}/stat`, 'utf8');
    const [state = '', , group, , , foreground] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return { state, group: Number(group), foreground: Number(foreground) };
  } catch {
    return null;
  }
}
