import { type ParsedSecret, parseSecret, SECRET_OVERHEAD } from '../secret/secret-format.js';
import { decodedAt } from './decode.js';
import { type ByteSearch, type Encoding, type Needle, needlesOf } from './needle.js';

/** A well-formed secret in some bytes: its checksum is right. */
export interface Sighting {
  readonly secret: ParsedSecret;
  readonly encoding: Encoding;
  /** Offsets of the first byte, and of the first one after it. */
  readonly start: number;
  readonly end: number;
}

/** More bytes than any secret takes, in any encoding, with breaks of lines in it. */
export const LONGEST_SIGHTING = 1_024;

const ZERO = Uint8Array.of(0);

/**
 * Finds every well-formed secret of the prefixes, in every encoding. What looks like one and has another checksum is
 * none, so that there is no false alarm; characters right before or after it do not matter, as `\n` written out has them.
 */
export class SecretSearch {
  readonly #needles: readonly Needle[];
  readonly #search: ByteSearch;

  /**
   * @param prefixes prefixes of stores
   * @param search the fastest search there is
   */
  constructor(prefixes: readonly string[], search: ByteSearch) {
    this.#search = search;
    this.#needles = [...new Set(prefixes)].flatMap(needlesOf);
  }

  /** The secrets that are wholly in these bytes, by their place. */
  in(bytes: Uint8Array): readonly Sighting[] {
    const found: Sighting[] = [];
    const hasZero = this.#search(bytes, ZERO, 0) !== -1;
    for (const needle of this.#needles) {
      if (needle.encoding === 'utf-16' && !hasZero) continue;
      this.#findBy(needle, bytes, found);
    }
    return found.length < 2 ? found : found.sort((a, b) => a.start - b.start);
  }

  #findBy(needle: Needle, bytes: Uint8Array, found: Sighting[]): void {
    const length = needle.prefix.length + SECRET_OVERHEAD;
    for (let at = this.#search(bytes, needle.bytes, 0); at !== -1; ) {
      const decoded = decodedAt(bytes, at, needle, length);
      const secret = decoded === null ? null : parseSecret(decoded.text);
      if (decoded === null || secret === null) {
        at = this.#search(bytes, needle.bytes, at + 1);
        continue;
      }
      const { start, end } = decoded;
      found.push({ secret, encoding: needle.encoding, start, end });
      at = this.#search(bytes, needle.bytes, end);
    }
  }
}
