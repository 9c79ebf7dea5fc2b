import type { StopRequest } from '../domain/ports.js';
import { ENDING_SIGNALS, type EndingSignal } from './ending-signals.js';

/**
 * From now on a signal that asks the program to end is only noted, until `release`: whoever has several things to do
 * looks before each whether it should go on.
 *
 * @param onSignal told of every such signal, and whether it is the first
 */
export function stopRequest(onSignal: (signal: string, isFirst: boolean) => void): StopRequest {
  let count = 0;
  let first: EndingSignal | null = null;
  const listeners = ENDING_SIGNALS.map((signal) => {
    const listener = (): void => {
      count += 1;
      first ??= signal;
      onSignal(signal, count === 1);
    };
    process.on(signal, listener);
    return () => process.off(signal, listener);
  });
  return {
    async signal() {
      // A signal arrives between two turns of the event loop, which work without waiting never ends.
      await new Promise((resolve) => setImmediate(resolve));
      return first;
    },
    get isUrgent() {
      return count > 1;
    },
    release() {
      for (const remove of listeners) remove();
    },
  };
}
