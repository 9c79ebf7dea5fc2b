import { useEffect } from '@inquirer/core';

/** What every question that reads keys one by one takes. */
export interface Stoppable {
  /** Called on Ctrl-Z. */
  readonly stop: () => void;
}

/** Within a question: leaves Ctrl-Z to `stop`. What reads the keys would stop this process alone, and draw too early. */
export function useStopKey(stop: () => void): void {
  useEffect((keys) => {
    keys.on('SIGTSTP', stop);
    return () => keys.removeListener('SIGTSTP', stop);
  }, []);
}
