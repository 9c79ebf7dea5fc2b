import type { ParsedSecret } from '../secret/secret-format.js';
import type { ByteSearch, Encoding } from './needle.js';
import { Position } from './position.js';
import { LONGEST_SIGHTING, type SecretSearch, type Sighting } from './sightings.js';

/** A well-formed secret in a text, and where it begins there. */
export interface Located {
  readonly secret: ParsedSecret;
  readonly encoding: Encoding;
  /** From 1 on; a line ends with a line feed. */
  readonly line: number;
  /** From 1 on, in UTF-16 code units; in bytes as far as the line began in an earlier block. */
  readonly column: number;
}

/**
 * Finds the secrets of a text that is read in blocks, each exactly once, also where it is cut by their borders. Holds no
 * more of earlier blocks than a secret can take.
 */
export class BlockScanner {
  readonly #secrets: SecretSearch;
  /** The last bytes before the present block, and where they begin. */
  #tail: Uint8Array = new Uint8Array(0);
  #tailStart: Position;
  #blockStart: Position;

  constructor(secrets: SecretSearch, search: ByteSearch) {
    this.#secrets = secrets;
    this.#tailStart = new Position(search);
    this.#blockStart = new Position(search);
  }

  /**
   * The secrets that end in the next block. The block is not needed afterwards.
   *
   * @param isLast whether none follows, which spares counting its lines
   */
  push(block: Uint8Array, isLast = false): readonly Located[] {
    const across = this.#acrossBorder(block);
    const within = this.#secrets.in(block);
    const found =
      across.length + within.length === 0 ? [] : [...across, ...located(within, block, this.#blockStart)];
    if (!isLast) this.#pass(block);
    return found;
  }

  #acrossBorder(block: Uint8Array): readonly Located[] {
    const border = this.#tail.length;
    if (border === 0) return [];
    const seam = joined(this.#tail, block.subarray(0, LONGEST_SIGHTING));
    const found = this.#secrets.in(seam).filter(({ start, end }) => start < border && end > border);
    return located(found, seam, this.#tailStart);
  }

  #pass(block: Uint8Array): void {
    const all = block.length < LONGEST_SIGHTING ? joined(this.#tail, block) : block;
    const start = all === block ? this.#blockStart : this.#tailStart;
    const cut = Math.max(all.length - LONGEST_SIGHTING, 0);
    this.#tailStart = start.copy();
    this.#tailStart.passBlock(all.subarray(0, cut));
    this.#tail = all.slice(cut);
    this.#blockStart = this.#tailStart.copy();
    this.#blockStart.passBlock(this.#tail);
  }
}

/** @param found by their places in `bytes`, which begin at `start` */
function located(found: readonly Sighting[], bytes: Uint8Array, start: Position): readonly Located[] {
  const position = start.copy();
  let at = 0;
  return found.map(({ secret, encoding, start: place }) => {
    position.pass(bytes.subarray(at, place));
    at = place;
    return { secret, encoding, line: position.line, column: position.column(encoding) };
  });
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  const both = new Uint8Array(first.length + second.length);
  both.set(first);
  both.set(second, first.length);
  return both;
}
