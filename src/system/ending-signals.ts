/** Signals that end a program which does nothing about them. */
export const ENDING_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const;
export type EndingSignal = (typeof ENDING_SIGNALS)[number];

/** Signals that do not end this process any more, but are noted. */
export interface HeldSignals {
  /** The first that has arrived, or null. */
  readonly arrived: EndingSignal | null;
  /** Calls `listener` for each that arrives; what it answers ends that. */
  listen(listener: (signal: EndingSignal) => void): () => void;
}

/**
 * Holds the ending signals back until the process ends by itself: between a version's insertion and its confirmation
 * or revocation, none may cut off what has to be written.
 */
export function holdEndingSignals(): HeldSignals {
  const listeners = new Set<(signal: EndingSignal) => void>();
  let arrived: EndingSignal | null = null;
  for (const signal of ENDING_SIGNALS) {
    process.on(signal, () => {
      arrived ??= signal;
      for (const listener of listeners) listener(signal);
    });
  }
  return {
    get arrived() {
      return arrived;
    },
    listen(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

/** The same signals, as far as they arrive, or are asked for, while `isUrgent` holds. */
export function onlyWhen(isUrgent: () => boolean, signals: HeldSignals): HeldSignals {
  return {
    get arrived() {
      return isUrgent() ? signals.arrived : null;
    },
    listen: (listener) =>
      signals.listen((signal) => {
        if (isUrgent()) listener(signal);
      }),
  };
}
