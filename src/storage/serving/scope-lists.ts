/** Characters of all texts that are kept together. */
const MOST_CHARACTERS = 2_097_152;

/** Lists of scopes by the texts that they are stored as, so that credentials and tokens with the same scopes share one. */
export class ScopeLists {
  readonly #lists = new Map<string, readonly string[]>();
  readonly #most: number;
  #characters = 0;

  /** @param most characters of all texts that are kept together */
  constructor(most = MOST_CHARACTERS) {
    this.#most = most;
  }

  /** The characters that are kept at present. */
  get characters(): number {
    return this.#characters;
  }

  /** The list of a text, which is read where it is not known. */
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
