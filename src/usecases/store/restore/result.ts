import type { Credential } from '../../../domain/credential/credential.js';
import type { Random } from '../../../domain/ports/ports.js';
import type { ChangeDependencies } from '../../change.js';
import type { NotBelieved } from './believe-trail.js';

/** A restore to carry out. */
export interface RestoreInput {
  /** The backup's path, for the audit trail. */
  readonly file: string;
  /** Take the backup's word for what nothing else can tell: nothing has been taken away since it was made. */
  readonly trust: boolean;
}

/** What a restore needs from outside besides the stores. */
export type RestoreDependencies = Omit<ChangeDependencies, 'store'> & {
  readonly random: Random;
};

/** What a restore has done. Names are those in the backup, except of what it does not know. */
export interface Restored {
  readonly storeId: string;
  /** Whether the id is another one than the backup's. */
  readonly isNewId: boolean;
  readonly credentials: number;
  /** Where what was replaced is kept; null when there was nothing. */
  readonly keptAs: string | null;
  /** What told which credentials have been taken away since the backup. */
  readonly knownFrom: 'present-store' | 'damaged-store' | 'nothing';
  /** Credentials of the backup that were deleted since: they stay deleted. */
  readonly stillDeleted: readonly string[];
  /** Credentials created since the backup: they are deleted. */
  readonly removed: readonly string[];
  /** Those of them that may have a copy in the keychain. */
  readonly removedWithCopy: readonly Credential[];
  /** Credentials of which something was taken away since the backup: it stays away. */
  readonly withheld: readonly { readonly name: string; readonly what: readonly string[] }[];
  /** Credentials and owners that were not what the audit trail says: they are that again. */
  readonly notBelieved: readonly NotBelieved[];
  /** Credentials that came back inactive because nothing tells what has become of them. */
  readonly deactivated: readonly string[];
  /** Credentials without any version that authenticates. */
  readonly withoutSecret: readonly string[];
  /** Whether the audit trail of what was replaced goes on; else it ends where the backup's does. */
  readonly hasTrail: boolean;
  /** Whether the catalog stays as it is although the backup has another: that one may allow more. */
  readonly keepsCatalog: boolean;
  /** Whether nothing of what was deleted is left in the log; another process may hold that back. */
  readonly isScrubbed: boolean;
}
