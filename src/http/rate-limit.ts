/** Maximum number of keys counted per window, which bounds memory; further ones are not limited. */
const MOST_COUNTED = 100_000;

/** Rate limit per key, such as an address, in fixed windows. */
export class RateLimit {
  readonly #limit: number;
  readonly #windowMs: number;
  #window = -1;
  #counts = new Map<string, number>();

  /**
   * @param limit per window; 0 for no limit
   * @param windowMs length of a window in milliseconds
   */
  constructor(limit: number, windowMs = 1_000) {
    this.#limit = limit;
    this.#windowMs = windowMs;
  }

  /**
   * Whether `count` more are within the limit, and then counts them.
   *
   * @param now epoch milliseconds
   */
  allows(key: string, now: number, count = 1): boolean {
    if (this.#limit === 0) return true;
    const window = Math.floor(now / this.#windowMs);
    if (window !== this.#window) {
      this.#window = window;
      this.#counts = new Map();
    }
    const before = this.#counts.get(key) ?? 0;
    if (before + count > this.#limit) return false;
    if (before > 0 || this.#counts.size < MOST_COUNTED) this.#counts.set(key, before + count);
    return true;
  }

  /** How long the window of `now` lasts yet, in milliseconds. */
  leftOf(now: number): number {
    return this.#windowMs - (now % this.#windowMs);
  }
}
