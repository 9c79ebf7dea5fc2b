import type { ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { isTerminal } from '../streams.js';

/** Signals that are passed on whoever sends them. */
const PASSED_ON = ['SIGTERM', 'SIGHUP', 'SIGUSR1', 'SIGUSR2', 'SIGCONT'] as const;

/** Signals that keys send to everyone in the foreground: the program then has them already, and decides. */
const KEYS = ['SIGINT', 'SIGQUIT', 'SIGTSTP'] as const;

/** Those of them that can be left to the program where it cannot be seen whether it stands still. */
const KEYS_THAT_END = ['SIGINT', 'SIGQUIT'] as const;

/** After this time a program that still stands really was stopped, and not continued together with us; milliseconds. */
const GLANCE_MS = 20;

/** What proc(5)'s stat says of a process. */
interface ProcessStat {
  readonly state: string;
  readonly group: number;
  /** The group in the foreground of its terminal; -1 without a terminal. */
  readonly foreground: number;
}

/**
 * Stands between a program and whoever signals us instead of it, so that it is stopped, continued and ended as if it
 * had been started directly.
 *
 * @param program the child, once it has been started
 * @returns what ends that
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

/** The shell at the terminal waits for us: it learns that the program has stopped only when we do. */
function followInto(program: ChildProcess | null): void {
  if (isStopped(program) && (statOf('self')?.foreground ?? -1) !== -1) process.kill(process.pid, 'SIGSTOP');
}

function isStopped(program: ChildProcess | null): boolean {
  return program?.pid !== undefined && statOf(program.pid)?.state === 'T';
}

/** Whether keys at the terminal reach us, and so the program. */
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
