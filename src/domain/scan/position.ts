import type { ByteSearch, Encoding } from './needle.js';

const LINE_FEED = Uint8Array.of(0x0a);

/** A place in a text that only moves on: its line, and how far into it. */
export class Position {
  readonly #search: ByteSearch;
  /** Line feeds passed. */
  #lines = 0;
  /** Since the last line feed. */
  #bytes = 0;
  #codeUnits = 0;

  constructor(search: ByteSearch) {
    this.#search = search;
  }

  /** The same place, to move on from. */
  copy(): Position {
    const copy = new Position(this.#search);
    copy.#lines = this.#lines;
    copy.#bytes = this.#bytes;
    copy.#codeUnits = this.#codeUnits;
    return copy;
  }

  /** Moves past some bytes. */
  pass(bytes: Uint8Array): void {
    this.#move(bytes, codeUnits);
  }

  /** As {@link pass}, for much: a line that goes on after it is measured in bytes so far, since decoding takes longer. */
  passBlock(bytes: Uint8Array): void {
    this.#move(bytes, (line) => line.length);
  }

  #move(bytes: Uint8Array, measure: (line: Uint8Array) => number): void {
    let rest = 0;
    for (let at = this.#search(bytes, LINE_FEED, 0); at !== -1; at = this.#search(bytes, LINE_FEED, rest)) {
      this.#lines += 1;
      rest = at + 1;
    }
    const line = bytes.subarray(rest);
    if (rest > 0) {
      this.#bytes = 0;
      this.#codeUnits = 0;
    }
    this.#bytes += line.length;
    this.#codeUnits += measure(line);
  }

  /** From 1 on. */
  get line(): number {
    return this.#lines + 1;
  }

  /** From 1 on, in UTF-16 code units (SARIF 2.1.0 §3.30.6). */
  column(encoding: Encoding): number {
    return (encoding === 'utf-16' ? Math.floor(this.#bytes / 2) : this.#codeUnits) + 1;
  }
}

/** The length of UTF-8 in UTF-16 code units. */
function codeUnits(bytes: Uint8Array): number {
  let units = 0;
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = bytes[at] ?? 0;
    // RFC 3629 §3: bytes of 10xxxxxx continue a character; one of four bytes is a pair of surrogates.
    if ((byte & 0xc0) !== 0x80) units += byte >= 0xf0 ? 2 : 1;
  }
  return units;
}
