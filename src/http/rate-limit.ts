/** Maximum number of addresses counted per second, which bounds memory; further ones are not limited. */
const MOST_COUNTED = 100_000;

/** Rate limit per address in fixed windows of one second. */
export class RateLimit {
  readonly #limit: number;
  #second = -1;
  #counts = new Map<string, number>();

  /** @param limit requests per second; 0 for no limit */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** @param now epoch milliseconds */
  allows(address: string, now: number): boolean {
    if (this.#limit === 0) return true;
    const second = Math.floor(now / 1_000);
    if (second !== this.#second) {
      this.#second = second;
      this.#counts = new Map();
    }
    const count = this.#counts.get(address) ?? 0;
    if (count >= this.#limit) return false;
    if (count > 0 || this.#counts.size < MOST_COUNTED) this.#counts.set(address, count + 1);
    return true;
  }
}
