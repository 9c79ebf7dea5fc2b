import type { StorePlacing } from '../domain/ports/store-placing.js';

/** The recorded place of a store, compared with its present one. */
export interface Placed {
  readonly placing: StorePlacing;
  /** The place to record from now on; null where it is recorded already, and for a copy, which keeps the old one. */
  readonly toRemember: string | null;
}
