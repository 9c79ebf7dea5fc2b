import { BoundedMap } from './bounded-map.js';

const WINDOW_MS = 60_000;

/**
 * Capacity of the LRU. Evicting a window takes this many failures under other keys, which other limits prevent.
 */
const MOST_KEPT = 20_000;

interface Window {
  readonly endsAt: number;
  count: number;
}

/** Failure counter per key in fixed windows of a minute; a window starts with its first failure. */
export class FailureCounter {
  readonly #limit: number;
  readonly #windows = new BoundedMap<Window>(MOST_KEPT);

  /** @param limit failures per window after which further attempts must wait */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Milliseconds until `key` may try again; 0 for now. */
  waitFor(key: string, now: number): number {
    const window = this.#windows.get(key);
    return window === undefined || window.count < this.#limit ? 0 : this.#left(window, now);
  }

  add(key: string, now: number): void {
    const window = this.#windows.get(key);
    if (window !== undefined && this.#left(window, now) > 0) window.count += 1;
    else {
      this.#windows.delete(key);
      this.#windows.set(key, { endsAt: now + WINDOW_MS, count: 1 });
    }
  }

  /** Undoes one {@link add}. */
  subtract(key: string): void {
    const window = this.#windows.get(key);
    if (window !== undefined) window.count -= 1;
  }

  forgetAll(): void {
    this.#windows.clear();
  }

  /** Milliseconds left in a window; 0 after the clock was set back, which must not prolong it. */
  #left({ endsAt }: Window, now: number): number {
    const left = endsAt - now;
    return left > WINDOW_MS ? 0 : Math.max(0, left);
  }
}
