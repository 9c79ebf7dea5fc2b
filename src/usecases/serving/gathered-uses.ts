import type { RecordedUse } from '../../domain/ports/serving-port.js';

type Use = { -readonly [Property in keyof RecordedUse]: RecordedUse[Property] };

/** The first and the last use of each version, in the order in which they were noted first. */
export class GatheredUses {
  readonly #uses: Use[] = [];
  readonly #ofVersion = new Map<string, Use>();

  /** Versions of which there is a use. */
  get size(): number {
    return this.#uses.length;
  }

  /**
   * Takes note of uses of a version: only the first and the last of all count.
   *
   * @param first epoch milliseconds, as is `last`
   * @param from the address of the client that used it last; null where it is not known
   */
  note(versionId: string, first: number, last: number, from: string | null): void {
    const use = this.#ofVersion.get(versionId);
    if (use === undefined) {
      const noted = { versionId, first, last, from };
      this.#uses.push(noted);
      this.#ofVersion.set(versionId, noted);
      return;
    }
    use.first = Math.min(use.first, first);
    if (last < use.last) return;
    use.last = last;
    use.from = from;
  }

  /** Those of the versions from one place, counted from 0, up to another one. */
  between(start: number, end: number): readonly RecordedUse[] {
    return this.#uses.slice(start, end);
  }
}
