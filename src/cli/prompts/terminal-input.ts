import { readFileSync } from 'node:fs';
import { ReadStream } from 'node:tty';
import { CredctlError } from '../../domain/errors.js';

const STDIN = 0;

/** A process that no shell would continue is not stopped. */
const MOST_ATTEMPTS = 100;

/**
 * The keys of the terminal on standard input, for as long as something is asked. Unlike `process.stdin` it can be let
 * go of: at its end Node gives every terminal that was in raw mode its mode back, even from the background, where it is
 * stopped for that or disturbs what is in the foreground.
 */
export class TerminalInput extends ReadStream {
  /**
   * The event `lost` stands for a fault, which only means that the terminal has been closed: a reader of lines repeats
   * `error`, also while nobody can listen to it.
   */
  override emit(event: string | symbol, ...values: readonly unknown[]): boolean {
    return super.emit(event === 'error' ? 'lost' : event, ...values);
  }
}

/**
 * Opens the terminal on standard input, once this process is in its foreground: until then the terminal has the mode of
 * another one, which would be taken for its ordinary mode.
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

/** Gives the terminal its mode back; descriptor 0 stays open. */
export function closeTerminalInput(input: TerminalInput): void {
  input.setRawMode(false);
  input.destroy();
}

/**
 * Stops this process until it is continued, as Ctrl-Z does in a terminal's ordinary mode, and resolves once the signals
 * that came meanwhile have been told. Nobody may listen to SIGTSTP or SIGCONT. A process that no shell would continue
 * is not stopped.
 *
 * @param who with `group` everything in the foreground together with it, such as the program that started it
 */
export async function stopUntilContinued(who: 'group' | 'process'): Promise<void> {
  process.kill(who === 'group' ? 0 : process.pid, 'SIGTSTP');
  await signalsTold();
}

/** The event loop hears of signals where it waits, which it does at least once in two turns. */
export async function signalsTold(): Promise<void> {
  for (let turn = 0; turn < 2; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

/** What is continued in the background is stopped again, as by the terminal when it reads from it. */
export function awaitForeground(): void {
  for (let attempt = 0; attempt < MOST_ATTEMPTS && isInBackground(); attempt += 1) process.kill(0, 'SIGTTIN');
}

/** Whether keys go to others; where proc(5) cannot tell, the terminal itself stops us a little later. */
function isInBackground(): boolean {
  try {
    const stat = readFileSync('/proc/self/stat', 'utf8');
    const [, , group, , , foreground] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return foreground !== '-1' && foreground !== group;
  } catch {
    return false;
  }
}
