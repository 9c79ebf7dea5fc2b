import { isatty, WriteStream } from 'node:tty';
import { CredctlError } from '../../domain/errors.js';
import {
  closeTerminalInput,
  openTerminalInput,
  signalsTold,
  stopUntilContinued,
  type TerminalInput,
} from './terminal-input.js';

/** What a question fails with when it is called off. */
const CALLED_OFF: ReadonlySet<string> = new Set(['ExitPromptError', 'AbortPromptError', 'AbortError']);

/** What a question needs while it is on the terminal. */
export interface Asking {
  readonly input: TerminalInput;
  readonly output: WriteStream;
  /** Calls the question off. */
  readonly signal: AbortSignal;
  /** Stops the program; what reads keys one by one calls it on Ctrl-Z. */
  readonly stop: () => void;
  /** Whether what was drawn has to go when the question is called off: it will be asked again. */
  readonly isStopping: boolean;
}

type Ending = 'interrupted' | 'terminated';

/** What stopped the program: a key, a signal to it alone, or something that it only sees once it is continued. */
type Stop = 'key' | 'signal' | 'unseen';

/**
 * Asks, and calls the question off when a signal arrives or standard input comes to its end, so that the terminal
 * gets its mode back before the program ends. When the program is stopped the question is called off as well, and asked
 * again once it is continued.
 *
 * @throws CredctlError `interrupted` on Ctrl-C and at the end of the input, `terminated` on a signal and when the
 *   terminal is closed
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
    }
    // A terminal that closes sends several signals: the first has decided, and no other may cut its way out short.
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
  // Ctrl-D makes the reader of lines close and pause its input without another word, as it also does when called off.
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

/** Before the program lets go of the terminal for good. */
function atExit(handler: () => void): () => void {
  process.prependListener('exit', handler);
  return () => process.off('exit', handler);
}
