import { CredctlError, conflictError } from '../../../domain/errors.js';
import type { CheckedBackup, PresentStore, StoreFiles } from '../../../domain/ports/backup-port.js';
import { maskSecrets } from '../../../domain/secret/secret-format.js';
import { restoreFromCopy } from './from-copy.js';
import { restoreInPlace } from './in-place.js';
import type { RestoreDependencies, Restored, RestoreInput } from './result.js';

/**
 * The store at the target location, if a restore may replace it.
 *
 * @throws CredctlError `conflict` when it is another store than the backup's; `integrity` when the backup's
 *   history is not part of the store's
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
 * Restores a backup without reviving what was removed since.
 *
 * @param present the result of {@link acceptPresent}
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
      `the backup is not of the store ${maskSecrets(files.location)}`,
      'name the right store with --store, or move this store away first',
    );
  }
  if ((await store.verifyAudit(backup.facts.head)).valid) return;
  throw new CredctlError('integrity', 'the audit trail of the backup does not match that of the store', {
    hint: 'the backup was altered, is newer than the store, or is of another copy; to restore it anyway, move the store away first',
  });
}
