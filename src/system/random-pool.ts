import type { Random } from '../domain/ports/ports.js';

/** Asking the operating system costs about the same for all of these as for a few. */
const POOL_BYTES = 16_384;

/**
 * Hands out the bytes of another generator's larger draws, each of them once, and wipes what it has handed out. For a
 * process that draws thousands of times a second.
 */
export function randomPool(random: Random): Random {
  let pool = new Uint8Array(0);
  let next = 0;
  return {
    uuid: (now) => random.uuid(now),
    bytes(length) {
      if (length > POOL_BYTES) return random.bytes(length);
      if (next + length > pool.length) {
        pool = Uint8Array.from(random.bytes(POOL_BYTES));
        next = 0;
      }
      const end = next + length;
      const drawn = pool.slice(next, end);
      pool.fill(0, next, end);
      next = end;
      return drawn;
    },
  };
}
