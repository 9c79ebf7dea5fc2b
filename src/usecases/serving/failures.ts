import { BoundedMap } from './bounded-map.js';

const WINDOW_MS = 60_000;

/** Whoever wants to be forgotten has to fail this often elsewhere, which other limits prevent. */
const MOST_KEPT = 20_000;

interface Window {
  readonly endsAt: number;
  count: number;
}

/** Counts failures in windows of a minute, which begin with the first one. */
export class FailureCounter {
  readonly #limit: number;
  readonly #windows = new BoundedMap<Window>(MOST_KEPT);

  /** @param limit failures in a minute after which nothing more is tried */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Milliseconds until `key` may try again; 0 when it may now. */
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

  /** Takes back what {@link add} counted. */
  subtract(key: string): void {
    const window = this.#windows.get(key);
    if (window !== undefined) window.count -= 1;
  }

  forgetAll(): void {
    this.#windows.clear();
  }

  /** A clock that was set back must not prolong a window. */
  #left({ endsAt }: Window, now: number): number {
    const left = endsAt - now;
    return left > WINDOW_MS ? 0 : Math.max(0, left);
  }
}
