import type { DerivedCredential, DerivedOwner } from '../trail/derived.js';
import type { HeldCredential } from '../trail/held.js';

/** A credential as the tables have it, and as the trail says that it must be. */
export interface ComparedCredential {
  readonly held: HeldCredential;
  /** Null where no event is about it. */
  readonly derived: DerivedCredential | null;
}

/** What an audit trail that was verified says of the rest of the store. */
export interface TrailReader {
  /** By their ids. */
  readonly owners: ReadonlyMap<string, DerivedOwner>;
  /** Null where there is no such credential. */
  compare(credentialId: string): Promise<ComparedCredential | null>;
}
