import { performance } from 'node:perf_hooks';
import type { Clock } from '../../../domain/ports/ports.js';

/** The database's time as an SQL expression, in whole epoch milliseconds. It goes on within a transaction. There is
 * no product of a numeric and an integer in `pg_catalog`: one in another schema would be found. */
export const DATABASE_TIME =
  'pg_catalog.floor(extract(epoch from pg_catalog.clock_timestamp()) * 1000::numeric)::bigint';

/**
 * The time of the database, which rules what has ended: whoever uses the store goes by the same clock, whatever that
 * of the own machine says. Between two answers of the database it goes on by itself.
 */
export class DatabaseClock implements Clock {
  #told: { readonly time: number; readonly at: number } | null = null;

  /** @param time what the database has just answered, in epoch milliseconds */
  tell(time: number): void {
    this.#told = { time, at: performance.now() };
  }

  /** The machine's own time until the database has answered for the first time. */
  now(): number {
    if (this.#told === null) return Date.now();
    return this.#told.time + Math.trunc(performance.now() - this.#told.at);
  }
}
