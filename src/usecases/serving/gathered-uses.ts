import type { RecordedUse } from '../../domain/ports/serving-port.js';

type Use = { -readonly [Property in keyof RecordedUse]: RecordedUse[Property] };

/** Aggregates uses in memory: first and last use per version, in insertion order. */
export class GatheredUses {
  readonly #uses: Use[] = [];
  readonly #ofVersion = new Map<string, Use>();

  /** Number of versions with a use. */
  get size(): number {
    return this.#uses.length;
  }

  /**
   * Merges a use into the aggregate of its version, which keeps only the first and the last.
   *
   * @param first epoch milliseconds, as is `last`
   * @param from the address of the client of the last use; null where it is not known
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

  /** The uses in positions `start` (inclusive, from 0) to `end` (exclusive). */
  between(start: number, end: number): readonly RecordedUse[] {
    return this.#uses.slice(start, end);
  }
}
