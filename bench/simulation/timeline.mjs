// @ts-check
/** What happens when: a clock that jumps from one event to the next. */

/** @typedef {{ readonly at: number, readonly order: number, readonly run: () => void }} Event */

/** Events at the same moment happen in the order in which they were planned. */
export class Timeline {
  /** Milliseconds since the beginning. */
  now = 0;
  /** @type {Event[]} a binary heap, the next event first */
  #heap = [];
  #planned = 0;

  /**
   * @param {number} delay milliseconds from now
   * @param {() => void} run
   */
  after(delay, run) {
    this.#push({ at: this.now + delay, order: this.#planned++, run });
  }

  /** Runs until nothing is left to happen, or `isDone` says that it is enough. @param {() => boolean} isDone */
  run(isDone = () => false) {
    for (let event = this.#pop(); event !== undefined && !isDone(); event = this.#pop()) {
      this.now = event.at;
      event.run();
    }
  }

  /** @param {Event} event */
  #push(event) {
    const heap = this.#heap;
    let index = heap.length;
    heap.push(event);
    while (index > 0) {
      const parent = (index - 1) >> 1;
      const above = /** @type {Event} */ (heap[parent]);
      if (isBefore(above, event)) break;
      heap[index] = above;
      index = parent;
    }
    heap[index] = event;
  }

  /** @returns {Event | undefined} */
  #pop() {
    const heap = this.#heap;
    const [first] = heap;
    const last = heap.pop();
    if (first === undefined || last === undefined || heap.length === 0) return first;
    let index = 0;
    for (;;) {
      let child = 2 * index + 1;
      const left = heap[child];
      if (left === undefined) break;
      const right = heap[child + 1];
      if (right !== undefined && isBefore(right, left)) child += 1;
      const least = /** @type {Event} */ (heap[child]);
      if (isBefore(last, least)) break;
      heap[index] = least;
      index = child;
    }
    heap[index] = last;
    return first;
  }
}

/**
 * @param {Event} one
 * @param {Event} other
 */
function isBefore(one, other) {
  return one.at < other.at || (one.at === other.at && one.order < other.order);
}
