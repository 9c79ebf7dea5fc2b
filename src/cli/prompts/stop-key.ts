import { useEffect } from '@inquirer/core';

/** Property of prompts in raw mode. */
export interface Stoppable {
  /** Called on Ctrl-Z. */
  readonly stop: () => void;
}

/**
 * Hook: passes Ctrl-Z to `stop`. Otherwise readline would stop this process alone instead of its process group,
 * and redraw too early.
 */
export function useStopKey(stop: () => void): void {
  useEffect((keys) => {
    keys.on('SIGTSTP', stop);
    return () => keys.removeListener('SIGTSTP', stop);
  }, []);
}
