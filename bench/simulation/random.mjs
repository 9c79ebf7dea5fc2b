// @ts-check
/** Numbers that look random and are the same for the same seed, on every machine (mulberry32). */

/**
 * @param {number} seed a whole number
 * @returns {() => number} from 0 up to, but not including, 1
 */
export function seeded(seed) {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/**
 * A time until the next of events that come at random, independent of each other.
 *
 * @param {() => number} random
 * @param {number} mean
 */
export function exponential(random, mean) {
  return -mean * Math.log(1 - random());
}
