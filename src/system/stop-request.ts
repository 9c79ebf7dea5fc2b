import { readFileSync } from 'node:fs';
import { constants } from 'node:os';
import type { StopRequest } from '../domain/ports.js';

/** Signals that ask the program to end. */
const ENDING_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const;

/**
 * From now on a signal that asks the program to end is only noted, until `release`: whoever has several things to do
 * looks before each whether it should go on.
 *
 * @param onSignal told of every such signal, and whether it is the first
 */
export function stopRequest(onSignal: (signal: string, isFirst: boolean) => void): StopRequest {
  let count = 0;
  let first: (typeof ENDING_SIGNALS)[number] | null = null;
  const ignored = ignoredSignals();
  const listeners = ENDING_SIGNALS.filter((signal) => !ignored(signal)).map((signal) => {
    const listener = (): void => {
      count += 1;
      first ??= signal;
      onSignal(signal, count === 1);
    };
    process.on(signal, listener);
    return () => process.off(signal, listener);
  });
  return {
    get signal() {
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

/** Whoever starts a program with nohup(1) has a signal ignored, and a listener would bring it back. */
function ignoredSignals(): (signal: (typeof ENDING_SIGNALS)[number]) => boolean {
  const [, mask = '0'] = /^SigIgn:\s*([0-9a-f]+)$/m.exec(ownStatus()) ?? [];
  const ignored = BigInt(`0x${mask}`);
  return (signal) => ((ignored >> BigInt(constants.signals[signal] - 1)) & 1n) === 1n;
}

/** As in proc(5); empty where there is no such file. */
function ownStatus(): string {
  try {
    return readFileSync('/proc/self/status', 'utf8');
  } catch {
    return '';
  }
}
