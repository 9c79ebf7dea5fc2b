/** Upper bound of the cached texts' total length, in UTF-16 code units. */
const MOST_CHARACTERS = 2_097_152;

/**
 * Cache of parsed scope lists, keyed by their stored text: credentials and tokens with the same scopes share one
 * list. Cleared as a whole when it is full.
 */
export class ScopeLists {
  readonly #lists = new Map<string, readonly string[]>();
  readonly #most: number;
  #characters = 0;

  /** @param most upper bound of the cached texts' total length, in UTF-16 code units */
  constructor(most = MOST_CHARACTERS) {
    this.#most = most;
  }

  /** Total length of the cached texts, in UTF-16 code units. */
  get characters(): number {
    return this.#characters;
  }

  /** The list of a text: the cached one, or what `read` makes of it. Null is not cached. */
  of<List extends readonly string[] | null>(
    text: string,
    read: (text: string) => List,
  ): List | readonly string[] {
    const known = this.#lists.get(text);
    if (known !== undefined) return known;
    const list = read(text);
    if (list !== null && text.length <= this.#most) this.#keep(text, list);
    return list;
  }

  #keep(text: string, list: readonly string[]): void {
    if (this.#characters + text.length > this.#most) {
      this.#lists.clear();
      this.#characters = 0;
    }
    this.#lists.set(text, list);
    this.#characters += text.length;
  }
}
