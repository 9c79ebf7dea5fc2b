import { setTimeout as sleep } from 'node:timers/promises';
import type { ServingStore } from '../../domain/ports/serving-port.js';

/** Minimum time between two counts, in milliseconds. */
const EVERY_MS = 5_000;

/** How long a scrape waits for a count, in milliseconds. */
const WAIT_MS = 500;

/** The number of open leaks, counted when it is asked for, and at most every five seconds. */
export class OpenLeaks {
  readonly #store: Pick<ServingStore, 'countOpenLeaks'>;
  #count = Number.NaN;
  #counted = Number.NEGATIVE_INFINITY;
  #counting: Promise<void> | null = null;

  constructor(store: Pick<ServingStore, 'countOpenLeaks'>) {
    this.#store = store;
  }

  /** As last counted; not a number before that. */
  get count(): number {
    return this.#count;
  }

  /** Counts anew where the last count is old; the old one stays where the store does not answer. */
  async refresh(): Promise<void> {
    if (this.#counting === null && performance.now() - this.#counted < EVERY_MS) return;
    this.#counting ??= this.#countNow();
    const over = new AbortController();
    await Promise.race([
      this.#counting,
      sleep(WAIT_MS, undefined, { signal: over.signal, ref: false }).catch(() => {}),
    ]);
    over.abort();
  }

  async #countNow(): Promise<void> {
    try {
      this.#count = await this.#store.countOpenLeaks();
    } catch {
      // `/readyz` and the other figures tell of a store that does not answer.
    } finally {
      this.#counted = performance.now();
      this.#counting = null;
    }
  }
}
