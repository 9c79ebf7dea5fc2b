import { setTimeout as sleep } from 'node:timers/promises';

/**
 * An answer that may take as long as it does, for as long as its server lives.
 *
 * @param ask rejects where the server does not answer; asked again and again while the answer is not there
 * @param everyMs milliseconds between two questions
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
