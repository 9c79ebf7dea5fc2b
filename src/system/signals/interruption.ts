import { ENDING_SIGNALS, type EndingSignal } from '../../domain/ending-signal.js';

/** A wait that signals end. */
export interface Interruption {
  /** Resolves with the signal; never where another part of the program handles it. */
  readonly arrived: Promise<EndingSignal>;
  /** Restores the default action of signals. */
  release(): void;
}

/**
 * Handles signals for the time of a wait, in place of their default action, which would end the process without a word and
 * without its exit code. A SIGHUP arrives as SIGTERM (bin/credctl.js).
 */
export function interruption(): Interruption {
  let arrive = (_: EndingSignal): void => {};
  const arrived = new Promise<EndingSignal>((resolve) => {
    arrive = resolve;
  });
  const handlers = ENDING_SIGNALS.filter((signal) => process.listenerCount(signal) === 0).map((signal) => {
    const handler = (): void => arrive(signal);
    process.on(signal, handler);
    return () => void process.off(signal, handler);
  });
  return {
    arrived,
    release() {
      for (const remove of handlers) remove();
    },
  };
}
