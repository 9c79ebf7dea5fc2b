/** Something that takes a while to open: opened at the first use, and once more at the next one when that failed. */
export class OpenedLate<Opened> {
  readonly #open: () => Promise<Opened>;
  #opened: Promise<Opened> | null = null;

  constructor(open: () => Promise<Opened>) {
    this.#open = open;
  }

  /** Rejects as opening does. */
  get(): Promise<Opened> {
    if (this.#opened !== null) return this.#opened;
    const opened = this.#open();
    this.#opened = opened;
    opened.catch(() => {
      if (this.#opened === opened) this.#opened = null;
    });
    return opened;
  }

  /** What was opened; null when nothing was. */
  async opened(): Promise<Opened | null> {
    return this.#opened?.catch(() => null) ?? null;
  }
}
