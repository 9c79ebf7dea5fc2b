import { performance } from 'node:perf_hooks';
import type { Clock } from '../../../domain/ports/ports.js';

/**
 * SQL expression for the database's clock, in whole epoch milliseconds. It advances within a transaction. Both
 * factors are numeric: `pg_catalog` has no product of numeric and integer, so one in another schema could be
 * resolved instead.
 */
export const DATABASE_TIME =
  'pg_catalog.floor(extract(epoch from pg_catalog.clock_timestamp()) * 1000::numeric)::bigint';

/**
 * The database's clock, which decides what has expired: all clients share it, whatever their own clocks say.
 * Between two answers of the database it is extrapolated with the monotonic clock.
 */
export class DatabaseClock implements Clock {
  #told: { readonly time: number; readonly at: number } | null = null;

  /** @param time the database's latest time, in epoch milliseconds */
  tell(time: number): void {
    this.#told = { time, at: performance.now() };
  }

  /** Epoch milliseconds; this machine's clock until the database has answered for the first time. */
  now(): number {
    if (this.#told === null) return Date.now();
    return this.#told.time + Math.trunc(performance.now() - this.#told.at);
  }
}
