import type { FoundLeak, Leak, LeakQuery } from '../leak/leak.js';
import type { Page } from './page.js';

/** Reads leaks. */
export interface LeakReader {
  /** The last found first. */
  listLeaks(query: LeakQuery): Promise<Page<Leak>>;
  /** By its id, open or closed. */
  findLeak(id: number): Promise<Leak | null>;
  countOpenLeaks(): Promise<number>;
}

/** Writes leaks, in a transaction. */
export interface LeakWriter {
  /**
   * Records secrets found where they should not be, without an event; the role `verifier` suffices. Idempotent: a
   * handle has one open leak, which gets the place and is found last `now` (epoch milliseconds). What is no handle of
   * this store is skipped; the places are masked and cut. The store goes by what it finds by the handle, and takes
   * `credentialId` and `version` where that is nothing.
   */
  recordLeaks(found: readonly FoundLeak[], now: number): Promise<void>;
  /** Closes an open leak; its event is the caller's. */
  closeLeak(id: number, now: number): Promise<void>;
}
