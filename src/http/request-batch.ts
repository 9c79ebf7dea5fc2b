import type { ServingStore } from '../domain/ports/serving-port.js';

/**
 * Batches the requests of one event loop turn in one snapshot of the store. The snapshot begins after the last
 * of them has arrived, so that it includes every write that a client may have seen (read-your-writes).
 */
export class RequestBatch {
  readonly #store: Pick<ServingStore, 'inSnapshot'>;
  #waiting: (() => () => void)[] = [];

  constructor(store: Pick<ServingStore, 'inSnapshot'>) {
    this.#store = store;
  }

  /**
   * Adds a request to the batch. All answers are flushed after the snapshot, which wakes a client process once
   * for all of its connections.
   *
   * @param work computes the answer inside the snapshot and returns the function that sends it; must not throw
   */
  add(work: () => () => void): void {
    this.#waiting.push(work);
    // The check phase follows the poll phase, in which all readable sockets are read.
    if (this.#waiting.length === 1) setImmediate(() => this.#run());
  }

  #run(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    const answered: (() => void)[] = [];
    try {
      this.#store.inSnapshot(() => {
        for (const work of waiting) answered.push(work());
      });
    } finally {
      for (const goOn of answered) goOn();
    }
  }
}
