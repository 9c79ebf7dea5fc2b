import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Heartbeat: waits for an answer without a limit, as long as its server still answers other questions.
 *
 * @param ask the probe, repeated until the answer arrives; rejects where the server does not answer
 * @param everyMs milliseconds between two probes
 */
export async function whileAlive<T>(
  answer: Promise<T>,
  ask: () => Promise<void>,
  everyMs: number,
): Promise<T> {
  const over = new AbortController();
  const watch = async (): Promise<never> => {
    for (;;) {
      await sleep(everyMs, undefined, { signal: over.signal });
      await ask();
    }
  };
  try {
    return await Promise.race([answer, watch()]);
  } finally {
    over.abort();
  }
}
