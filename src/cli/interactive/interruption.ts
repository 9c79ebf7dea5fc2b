import { CredctlError } from '../../domain/errors.js';

/** What a question fails with when it is called off. */
const CALLED_OFF: ReadonlySet<string> = new Set(['ExitPromptError', 'AbortPromptError', 'AbortError']);

/**
 * Asks, and calls the question off when a signal arrives or standard input comes to its end, so that the terminal
 * gets its mode back before the program ends.
 *
 * @throws CredctlError `interrupted` on Ctrl-C and at the end of the input, `terminated` on a signal
 */
export async function interruptible<T>(ask: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  let code: 'interrupted' | 'terminated' = 'interrupted';
  const interrupt = (): void => controller.abort();
  const terminate = (): void => {
    code = 'terminated';
    controller.abort();
  };
  // Ctrl-D makes the reader of lines close and pause its input without another word.
  const { stdin } = process;
  const inputEvents = ['pause', 'end', 'error'] as const;
  for (const event of inputEvents) stdin.on(event, interrupt);
  process.on('SIGINT', interrupt);
  for (const name of ['SIGTERM', 'SIGHUP'] as const) process.on(name, terminate);
  try {
    return await ask(controller.signal);
  } catch (fault) {
    if (!(fault instanceof Error) || !CALLED_OFF.has(fault.name)) throw fault;
    throw new CredctlError(code, `${code}; nothing was changed`, { cause: fault });
  } finally {
    for (const event of inputEvents) stdin.off(event, interrupt);
    process.off('SIGINT', interrupt);
    for (const name of ['SIGTERM', 'SIGHUP'] as const) process.off(name, terminate);
  }
}
