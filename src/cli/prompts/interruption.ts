import { isatty, WriteStream } from 'node:tty';
import { CredctlError } from '../../domain/errors.js';
import {
  closeTerminalInput,
  foregroundUnless,
  openTerminalInput,
  signalsTold,
  stopUntilContinued,
  type TerminalInput,
} from './terminal-input.js';

/** Names of the errors of a cancelled prompt. */
const CALLED_OFF: ReadonlySet<string> = new Set(['ExitPromptError', 'AbortPromptError', 'AbortError']);

/** Context of an active prompt. */
export interface Asking {
  readonly input: TerminalInput;
  readonly output: WriteStream;
  /** Cancels the prompt. */
  readonly signal: AbortSignal;
  /** Stops the process; called on Ctrl-Z by prompts in raw mode. */
  readonly stop: () => void;
  /** Whether to erase the prompt on cancellation, as it will be shown again. */
  readonly isStopping: boolean;
}

type Ending = 'interrupted' | 'terminated';

/** What stopped the process: a key, a signal to it alone, or SIGSTOP, noticed only on continuation. */
type Stop = 'key' | 'signal' | 'unseen';

/**
 * Runs a prompt and cancels it on a signal or at the end of input, so that the terminal mode is restored before
 * the process ends. A stop cancels it as well; it is repeated after SIGCONT.
 *
 * @throws CredctlError `interrupted` on Ctrl-C and at the end of the input, `terminated` on a signal and when
 *   the terminal is closed
 */
export async function interruptible<T>(ask: (asking: Asking) => Promise<T>): Promise<T> {
  let ending: Ending | null = null;
  let callOff = (): void => {};
  const end = (code: Ending): void => {
    ending ??= code;
    callOff();
  };
  const release = listen(process, [
    ['SIGINT', () => end('interrupted')],
    ['SIGTERM', () => end('terminated')],
    ['SIGHUP', () => end('terminated')],
    ['SIGQUIT', () => end('terminated')],
  ]);
  for (;;) {
    const controller = new AbortController();
    callOff = () => controller.abort();
    const outcome = await askOnce(ask, controller, end);
    if ('answer' in outcome) {
      release();
      return outcome.answer;
    }
    if (ending === null && outcome.stop !== null) {
      if (outcome.stop === 'unseen') await signalsTold();
      else await stopUntilContinued(outcome.stop === 'key' ? 'group' : 'process');
      await foregroundUnless(() => ending !== null);
    }
    // A closing terminal sends several signals: the first decides, and later ones must not cut its handling
    // short.
    if (ending !== null || outcome.stop === null) throw calledOff(ending ?? 'interrupted', outcome.fault);
  }
}

type Outcome<T> = { readonly answer: T } | { readonly stop: Stop | null; readonly fault: Error };

async function askOnce<T>(
  ask: (asking: Asking) => Promise<T>,
  controller: AbortController,
  end: (code: Ending) => void,
): Promise<Outcome<T>> {
  const [input, output] = [openTerminalInput(), new WriteStream(2)];
  let stop: Stop | null = null;
  const stopBy = (cause: Stop) => (): void => {
    stop ??= cause;
    controller.abort();
  };
  // On Ctrl-D, as on cancellation, readline closes and pauses its input without an event of its own.
  const leave = (): void => {
    if (!controller.signal.aborted) end(isatty(0) ? 'interrupted' : 'terminated');
  };
  output.on('error', () => end('terminated'));
  const releases = [
    listen(input, [
      ['pause', leave],
      ['end', leave],
      ['lost', leave],
    ]),
    listen(process, [
      ['SIGTSTP', stopBy('signal')],
      ['SIGCONT', stopBy('unseen')],
    ]),
    atExit(() => closeTerminalInput(input)),
  ];
  const { signal } = controller;
  try {
    const asking = {
      input,
      output,
      signal,
      stop: stopBy('key'),
      get isStopping() {
        return stop === 'key' || stop === 'signal';
      },
    };
    return { answer: await ask(asking) };
  } catch (fault) {
    if (!(fault instanceof Error) || !CALLED_OFF.has(fault.name)) throw fault;
    return { stop, fault };
  } finally {
    for (const release of releases) release();
    closeTerminalInput(input);
    output.destroy();
  }
}

function calledOff(code: Ending, cause: Error): CredctlError {
  return new CredctlError(code, `${code}; nothing was changed`, { cause });
}

function listen(
  target: NodeJS.EventEmitter,
  handlers: readonly (readonly [string, () => void])[],
): () => void {
  for (const [event, handler] of handlers) target.on(event, handler);
  return () => {
    for (const [event, handler] of handlers) target.off(event, handler);
  };
}

/** Prepended, so that it runs before Node.js releases the terminal. */
function atExit(handler: () => void): () => void {
  process.prependListener('exit', handler);
  return () => process.off('exit', handler);
}
