import type { Credential } from '../../../domain/credential/credential.js';
import { CredctlError, conflictError } from '../../../domain/errors.js';
import type { CheckedBackup, PresentStore, StoreFiles } from '../../../domain/ports/backup-port.js';
import type { Random } from '../../../domain/ports/ports.js';
import { maskSecrets } from '../../../domain/secret/secret-format.js';
import type { ChangeDependencies } from '../../change.js';
import type { NotBelieved } from './believe-trail.js';
import { restoreFromCopy } from './from-copy.js';
import { restoreInPlace } from './in-place.js';

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

/**
 * What is at the place of the store, as far as a restore may replace it.
 *
 * @throws CredctlError `conflict` when it is another store than the backup's; `integrity` when the backup was not made
 *   of this store's history
 */
export async function acceptPresent(
  files: StoreFiles,
  backup: CheckedBackup,
  now: number,
): Promise<PresentStore> {
  const present = await files.present(now);
  if (present.state !== 'sound') return present;
  try {
    await refuseStranger(present.store, files, backup);
    return present;
  } catch (fault) {
    await present.store.close();
    throw fault;
  }
}

/**
 * Brings a store back to what a backup holds, without reviving anything that was taken away since.
 *
 * @param present as {@link acceptPresent} has found it
 */
export async function restore(
  deps: RestoreDependencies,
  files: StoreFiles,
  backup: CheckedBackup,
  present: PresentStore,
  input: RestoreInput,
): Promise<Restored> {
  const recorded = { ...input, file: maskSecrets(input.file) };
  if (present.state === 'sound') return restoreInPlace(deps, files, backup, present.store, recorded);
  return restoreFromCopy(deps, files, backup, present, recorded);
}

async function refuseStranger(
  store: Extract<PresentStore, { state: 'sound' }>['store'],
  files: StoreFiles,
  backup: CheckedBackup,
): Promise<void> {
  const { id } = await store.settings();
  if (id !== backup.facts.storeId) {
    throw conflictError(
      `${maskSecrets(files.location)} is another store than the one in the backup`,
      'name the right store with --store, or move this one away first',
    );
  }
  if ((await store.verifyAudit(backup.facts.head)).valid) return;
  throw new CredctlError('integrity', "the backup's audit trail is not part of the store's", {
    hint: 'it was altered, is newer than the store, or comes from another copy of it; to restore it all the same, move the store away first',
  });
}
