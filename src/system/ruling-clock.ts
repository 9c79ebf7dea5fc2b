import type { Clock } from '../domain/ports/ports.js';

/** The machine's clock, replaced by the store's once a store with its own clock is opened. */
export class RulingClock implements Clock {
  #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  now(): number {
    return this.#clock.now();
  }

  /** Switches to the clock of a store; null keeps the present one. */
  follow(clock: Clock | null): void {
    if (clock !== null) this.#clock = clock;
  }
}
