// @ts-check
/** How everything is measured: sides that take turns, in rounds, and medians of both. */
import { performance } from 'node:perf_hooks';

/**
 * Measures one sample of a side.
 *
 * @typedef {() => number | Promise<number>} Side the answer is the cost in milliseconds
 *
 * @typedef {object} Effort
 * @property {number} rounds how many are counted; one more warms up
 * @property {number} samples how often each side has its turn in a round
 */

/** Prints why nothing can be measured here. */
export class Unmeasurable extends Error {}

/** @param {readonly number[]} values */
export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? upper) + upper) / 2;
}

/**
 * Interleaves the sides, A B A B …, so that load of the machine slows all of them.
 *
 * @param {readonly Side[]} sides
 * @param {Effort} effort
 * @returns {Promise<readonly (readonly number[])[]>} for each round, the median of each side in milliseconds
 */
export async function takeTurns(sides, { rounds, samples }) {
  /** @type {number[][]} */
  const counted = [];
  for (let round = 0; round <= rounds; round += 1) {
    /** @type {number[][]} */
    const taken = sides.map(() => []);
    for (let sample = 0; sample < samples; sample += 1) {
      for (const [index, side] of sides.entries()) taken[index]?.push(await side());
    }
    if (round > 0) counted.push(taken.map(median));
  }
  return counted;
}

/**
 * A side that repeats one operation and answers what one of them cost.
 *
 * @param {number} times
 * @param {(turn: number) => unknown} operation is told how often it ran before, so that it can vary
 * @returns {Side}
 */
export function repeated(times, operation) {
  let turn = 0;
  return async () => {
    const begin = performance.now();
    for (let count = 0; count < times; count += 1) await operation(turn++);
    return (performance.now() - begin) / times;
  };
}

/**
 * Like {@link repeated} for an operation that is synchronous, without the cost of awaiting it.
 *
 * @param {number} times
 * @param {(turn: number) => unknown} operation
 * @returns {Side}
 */
export function repeatedSync(times, operation) {
  let turn = 0;
  return () => {
    const begin = performance.now();
    for (let count = 0; count < times; count += 1) operation(turn++);
    return (performance.now() - begin) / times;
  };
}

/**
 * The median of one side over the rounds, in milliseconds.
 *
 * @param {readonly (readonly number[])[]} rounds
 * @param {number} side
 */
export function costOf(rounds, side) {
  return median(rounds.map((round) => round[side] ?? Number.NaN));
}

/**
 * The ratio of two sides: taken in every round, since only what ran together can be compared.
 *
 * @param {readonly (readonly number[])[]} rounds
 * @param {number} side
 * @param {number} other
 */
export function ratioOf(rounds, side, other) {
  const ratios = rounds.map((round) => (round[side] ?? Number.NaN) / (round[other] ?? Number.NaN));
  return { median: median(ratios), least: Math.min(...ratios), most: Math.max(...ratios) };
}

/**
 * A time that nine in ten are longer than: whatever else the machine does lengthens times, and shortens none.
 *
 * @param {readonly number[]} times
 */
export function undisturbed(times) {
  return times.toSorted((a, b) => a - b)[Math.floor(times.length / 10)] ?? Number.NaN;
}
