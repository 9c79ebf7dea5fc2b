/** Lazy initialisation: opens on first use, and again on the next use after a failure. */
export class OpenedLate<Opened> {
  readonly #open: () => Promise<Opened>;
  #opened: Promise<Opened> | null = null;

  constructor(open: () => Promise<Opened>) {
    this.#open = open;
  }

  /** The opened value. Rejects as opening does. */
  get(): Promise<Opened> {
    if (this.#opened !== null) return this.#opened;
    const opened = this.#open();
    this.#opened = opened;
    opened.catch(() => {
      if (this.#opened === opened) this.#opened = null;
    });
    return opened;
  }

  /** The opened value; null when it was never opened or opening failed. */
  async opened(): Promise<Opened | null> {
    return this.#opened?.catch(() => null) ?? null;
  }
}
