import type { ServingStore } from '../domain/ports/serving-port.js';

/**
 * Has requests that arrive together answered together, from one view of the store. Each of them has arrived completely
 * before that view is read, so that every change that its sender can know of is in it.
 */
export class Turns {
  readonly #store: Pick<ServingStore, 'inOneView'>;
  #waiting: (() => () => void)[] = [];

  constructor(store: Pick<ServingStore, 'inOneView'>) {
    this.#store = store;
  }

  /**
   * All that arrived together is answered before the first answer is sent: whoever is woken by it finds the others as
   * well, and is not woken for each of them.
   *
   * @param work answers a request, or begins to, and says how to go on after the view; throws nothing
   */
  take(work: () => () => void): void {
    this.#waiting.push(work);
    // The sockets that have something to read are read before that.
    if (this.#waiting.length === 1) setImmediate(() => this.#run());
  }

  #run(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    const answered: (() => void)[] = [];
    try {
      this.#store.inOneView(() => {
        for (const work of waiting) answered.push(work());
      });
    } finally {
      for (const goOn of answered) goOn();
    }
  }
}
