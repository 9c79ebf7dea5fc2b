import type { Clock } from '../domain/ports/ports.js';

/** The machine's clock, until a store is opened that has one of its own. */
export class RulingClock implements Clock {
  #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  now(): number {
    return this.#clock.now();
  }

  /** Goes by the clock of a store from now on; null for one that has none. */
  follow(clock: Clock | null): void {
    if (clock !== null) this.#clock = clock;
  }
}
