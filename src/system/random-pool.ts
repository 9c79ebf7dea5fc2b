import type { Random } from '../domain/ports/ports.js';

/** Bytes per draw: a system call costs about the same for these as for a few. */
const POOL_BYTES = 16_384;

/**
 * Buffers larger draws of another generator. Each byte is used once and erased. For processes that draw
 * thousands of times per second.
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
