import type { DerivedCredential, DerivedOwner } from '../trail/derived.js';
import type { HeldCredential } from '../trail/held.js';

/** A credential as stored, and as derived from the trail. */
export interface ComparedCredential {
  readonly held: HeldCredential;
  /** Null where no event is about it. */
  readonly derived: DerivedCredential | null;
}

/** State derived from a verified audit trail. */
export interface TrailReader {
  /** By id. */
  readonly owners: ReadonlyMap<string, DerivedOwner>;
  /** Null where there is no such credential. */
  compare(credentialId: string): Promise<ComparedCredential | null>;
}
