import type { ServingStore } from '../domain/ports/serving-port.js';

/**
 * Batches the requests of one turn of the event loop: one snapshot of the store for all of them. It is read after the last of
 * them has arrived, so that every change that a client can know of is in it (read-your-writes).
 */
export class RequestBatch {
  readonly #store: Pick<ServingStore, 'inSnapshot'>;
  #waiting: (() => () => void)[] = [];

  constructor(store: Pick<ServingStore, 'inSnapshot'>) {
    this.#store = store;
  }

  /**
   * Adds a request to the batch. Answers are flushed together after the snapshot, which wakes a client process once for all of its
   * connections.
   *
   * @param work computes the answer inside the snapshot, and returns what sends it; throws nothing
   */
  add(work: () => () => void): void {
    this.#waiting.push(work);
    // The sockets that have something to read are read before that.
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
