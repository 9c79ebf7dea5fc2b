/** Signals whose default action terminates the process. */
export const ENDING_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const;

/** One of {@link ENDING_SIGNALS}. */
export type EndingSignal = (typeof ENDING_SIGNALS)[number];

/** Whether a signal, by its name, is one of {@link ENDING_SIGNALS}. */
export function isEndingSignal(name: string): name is EndingSignal {
  return (ENDING_SIGNALS as readonly string[]).includes(name);
}

/** Error code of a termination by the signal: `interrupted` for SIGINT, `terminated` for the others. */
export function codeOfSignal(signal: EndingSignal): 'interrupted' | 'terminated' {
  return signal === 'SIGINT' ? 'interrupted' : 'terminated';
}

/** Whether an error has the code of a termination by a signal. */
export function isTermination(code: string): boolean {
  return code === 'interrupted' || code === 'terminated';
}
