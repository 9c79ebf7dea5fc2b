import { ENDING_SIGNALS, type EndingSignal } from '../../domain/ending-signal.js';
import { NothingIssued } from '../../domain/errors.js';
import type { StopOptions, StopRequest } from '../../domain/ports/ports.js';

/** Handles signals as stop requests; their default action would end the process at any point. */
export function stopRequest({ urgentFrom, onNoted }: StopOptions): StopRequest {
  const listeners = new Set<(signal: EndingSignal) => void>();
  let first: EndingSignal | null = null;
  let count = 0;
  let isHeld = false;
  let unlisten: (() => void) | null = null;
  let leave = (_: NothingIssued): void => {};
  const left = new Promise<never>((_, reject) => {
    leave = reject;
  });
  left.catch(() => {});
  const arrive = (signal: EndingSignal): void => {
    if (isHeld) note(signal);
    else leave(new NothingIssued(signal));
  };
  const note = (signal: EndingSignal): void => {
    first ??= signal;
    count += 1;
    onNoted(signal, count);
    if (count < urgentFrom) return;
    for (const listener of listeners) listener(signal);
  };
  const watch = (): void => {
    unlisten ??= listen(arrive);
  };
  return {
    watch,
    hold() {
      watch();
      isHeld = true;
    },
    left,
    async signal() {
      await fullTurn();
      return first;
    },
    get isUrgent() {
      return count >= urgentFrom;
    },
    onUrgent(listener) {
      listeners.add(listener);
      if (first !== null && count >= urgentFrom) listener(first);
      return () => listeners.delete(listener);
    },
    release() {
      unlisten?.();
      unlisten = null;
    },
  };
}

/**
 * Waits for a whole event loop turn. During the poll phase the first immediate runs before new events are
 * polled, hence two.
 */
async function fullTurn(): Promise<void> {
  for (let turn = 0; turn < 2; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

function listen(arrive: (signal: EndingSignal) => void): () => void {
  const handlers = ENDING_SIGNALS.map((signal) => {
    const handler = (): void => arrive(signal);
    process.on(signal, handler);
    return () => process.off(signal, handler);
  });
  return () => {
    for (const remove of handlers) remove();
  };
}
