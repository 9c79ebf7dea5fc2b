import { parseDuration } from '../../../src/domain/duration.js';
import type { Clock } from '../../../src/domain/ports/ports.js';

/** Where the time of the tests begins: epoch milliseconds. */
export const START = Date.UTC(2030, 0, 1);

/** A clock that stands still until a test moves it. */
export class FixedClock implements Clock {
  #now: number;

  constructor(now: number = START) {
    this.#now = now;
  }

  now(): number {
    return this.#now;
  }

  /** Moves on by a duration such as `10m`, or by milliseconds, and tells the new time. */
  advance(by: string | number): number {
    this.#now += typeof by === 'number' ? by : parseDuration(by).ms;
    return this.#now;
  }

  /** Sets the clock, also back. */
  set(now: number): void {
    this.#now = now;
  }
}

/** A clock that moves on by the same step with every look at it. */
export class AdvancingClock implements Clock {
  #next: number;
  readonly #step: number;

  constructor(step: number = 1, start: number = START) {
    this.#next = start;
    this.#step = step;
  }

  now(): number {
    const now = this.#next;
    this.#next += this.#step;
    return now;
  }
}
