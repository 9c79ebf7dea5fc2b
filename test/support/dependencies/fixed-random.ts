import { createHash } from 'node:crypto';
import type { Random } from '../../../src/domain/ports/ports.js';

/** The same bytes in every run, and never the same bytes twice in one run. */
export class FixedRandom implements Random {
  readonly #seed: string;
  #drawn = 0;

  constructor(seed = 'credctl') {
    this.#seed = seed;
  }

  bytes(length: number): Uint8Array {
    const chunks: Buffer[] = [];
    for (let left = length; left > 0; left -= 32) chunks.push(this.#block().subarray(0, left));
    return Buffer.concat(chunks);
  }

  uuid(now: number): string {
    const time = now.toString(16).padStart(12, '0');
    const rest = this.#block().toString('hex');
    const parts = [time.slice(0, 8), time.slice(8), `7${rest.slice(0, 3)}`, `8${rest.slice(3, 6)}`];
    return [...parts, rest.slice(6, 18)].join('-');
  }

  #block(): Buffer {
    this.#drawn += 1;
    return createHash('sha256').update(`${this.#seed}:${this.#drawn}`).digest();
  }
}
