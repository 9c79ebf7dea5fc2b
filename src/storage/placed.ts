import type { StorePlacing } from '../domain/ports/store-placing.js';

/** What a store remembers of its place, compared with where it is. */
export interface Placed {
  readonly placing: StorePlacing;
  /** What it is to remember from now on; null where it does already, and for a copy, which stays one. */
  readonly toRemember: string | null;
}
