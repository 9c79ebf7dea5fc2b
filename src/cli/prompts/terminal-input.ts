import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { ReadStream } from 'node:tty';
import { CredctlError } from '../../domain/errors.js';

const STDIN = 0;

/** Limit for an orphaned process group, which is never stopped. */
const MOST_ATTEMPTS = 100;

/** Another thread may still be handing on a signal of the moment at which the process was continued; milliseconds. */
const LATE_SIGNAL_MS = 10;

/**
 * The terminal on standard input while a prompt is active. Unlike `process.stdin` it can be closed: at exit
 * Node.js resets the mode of terminals that were in raw mode, even from the background, where that stops the
 * process or disturbs the foreground one.
 */
export class TerminalInput extends ReadStream {
  /**
   * Renames the event `error` to `lost`, which means a closed terminal: readline re-emits `error`, also without
   * a listener, which would throw.
   */
  override emit(event: string | symbol, ...values: readonly unknown[]): boolean {
    return super.emit(event === 'error' ? 'lost' : event, ...values);
  }
}

/**
 * Opens the terminal on standard input once this process is in its foreground process group: before, the mode
 * of another process would be saved as the ordinary one.
 *
 * @throws CredctlError `terminated` when it has been closed
 */
export function openTerminalInput(): TerminalInput {
  awaitForeground();
  try {
    return new TerminalInput(STDIN);
  } catch (cause) {
    throw new CredctlError('terminated', 'the terminal was closed; nothing was changed', { cause });
  }
}

/** Restores the terminal mode; descriptor 0 stays open. */
export function closeTerminalInput(input: TerminalInput): void {
  input.setRawMode(false);
  input.destroy();
}

/**
 * Stops this process as Ctrl-Z does, and resolves after SIGCONT, once pending signals were dispatched. There
 * must be no listener for SIGTSTP or SIGCONT. An orphaned process group is not stopped.
 *
 * @param who with `group`, the whole process group, such as a parent program
 */
export async function stopUntilContinued(who: 'group' | 'process'): Promise<void> {
  process.kill(who === 'group' ? 0 : process.pid, 'SIGTSTP');
  await signalsTold();
}

/**
 * Waits until pending signals are dispatched: they are read in the poll phase, which runs at least once in two
 * turns.
 */
export async function signalsTold(): Promise<void> {
  for (let turn = 0; turn < 2; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

/**
 * Job control: a process in the background is stopped again by SIGTTIN, as when it reads from the terminal. A signal
 * that ends it must be dispatched before, or it would stay stopped with that signal pending.
 *
 * @param isOver whether such a signal was dispatched; then it resolves in the background
 */
export async function foregroundUnless(isOver: () => boolean): Promise<void> {
  for (let attempt = 0; attempt < MOST_ATTEMPTS && !isOver() && isInBackground(); attempt += 1) {
    await pause(LATE_SIGNAL_MS);
    if (!isOver()) process.kill(0, 'SIGTTIN');
    await signalsTold();
  }
}

/** As {@link foregroundUnless}, where no signal has a listener yet. */
function awaitForeground(): void {
  for (let attempt = 0; attempt < MOST_ATTEMPTS && isInBackground(); attempt += 1) process.kill(0, 'SIGTTIN');
}

/**
 * Whether the process group is in the background. Without proc(5) the terminal itself stops the process on its
 * next read.
 */
function isInBackground(): boolean {
  try {
    const stat = readFileSync('/proc/self/stat', 'utf8');
    const [, , group, , , foreground] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return foreground !== '-1' && foreground !== group;
  } catch {
    return false;
  }
}
