import type { Credential } from '../../../domain/credential/credential.js';
import type { Random } from '../../../domain/ports/ports.js';
import type { ChangeDependencies } from '../../change.js';
import type { NotBelieved } from './believe-trail.js';

/** A restore to carry out. */
export interface RestoreInput {
  /** The backup's path, recorded in the audit trail. */
  readonly file: string;
  /** Accept the backup where no other source tells: assume that nothing was removed since it was made. */
  readonly trust: boolean;
}

/** External dependencies of a restore besides the stores. */
export type RestoreDependencies = Omit<ChangeDependencies, 'store'> & {
  readonly random: Random;
};

/** Result of a restore. Names are the backup's, except for credentials that it does not have. */
export interface Restored {
  readonly storeId: string;
  /** Whether the id differs from the backup's. */
  readonly isNewId: boolean;
  readonly credentials: number;
  /** Path of the copy of the replaced store; null when there was none. */
  readonly keptAs: string | null;
  /** The source that tells which credentials were removed since the backup. */
  readonly knownFrom: 'present-store' | 'damaged-store' | 'nothing';
  /** Credentials of the backup that were deleted since; they stay deleted. */
  readonly stillDeleted: readonly string[];
  /** Credentials created since the backup; they are deleted. */
  readonly removed: readonly string[];
  /** Those of `removed` that may have a keychain entry. */
  readonly removedWithCopy: readonly Credential[];
  /** Credentials that lost something since the backup; it is not restored. */
  readonly withheld: readonly { readonly name: string; readonly what: readonly string[] }[];
  /** Credentials and owners whose rows differed from the audit trail; they were corrected. */
  readonly notBelieved: readonly NotBelieved[];
  /** Credentials restored as inactive because no source tells their present state. */
  readonly deactivated: readonly string[];
  /** Credentials without a version that authenticates. */
  readonly withoutSecret: readonly string[];
  /** Whether the replaced store's audit trail continues; otherwise the trail ends where the backup's does. */
  readonly hasTrail: boolean;
  /** Whether the present catalog was kept although the backup's differs, as that may allow more. */
  readonly keepsCatalog: boolean;
  /** Whether deleted data was erased from the write-ahead log; another process may prevent that. */
  readonly isScrubbed: boolean;
}
