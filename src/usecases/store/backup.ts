import type { AuditAction } from '../../domain/audit-event.js';
import type { BackupFacts, StoreFiles } from '../../domain/ports/backup-port.js';
import { maskSecrets } from '../../domain/secret/secret-format.js';
import { type ChangeDependencies, change } from '../change.js';

/** A backup to make. */
export interface BackupInput {
  /** Absolute path of the file to write. */
  readonly file: string;
  /** Replace an existing file. */
  readonly force: boolean;
}

/**
 * Copies the store into a file while it is in use. The audit event is written first, so that every copy is
 * recorded and contains its own record.
 *
 * @throws CredctlError `conflict` when the file exists; `store_unavailable` when it cannot be written;
 *   `integrity` when the copy is damaged, and then it is not kept
 */
export async function backUp(
  deps: ChangeDependencies,
  files: StoreFiles,
  input: BackupInput,
): Promise<BackupFacts> {
  const draft = files.draftBackup(input.file, input.force);
  try {
    await record(deps, files, input, 'store.backup');
    try {
      const facts = await draft.fill();
      draft.publish();
      return facts;
    } catch (fault) {
      // A failure to record is ignored: the first error is the cause.
      await record(deps, files, input, 'store.backup.fail').catch(() => {});
      throw fault;
    }
  } finally {
    draft.discard();
  }
}

async function record(
  deps: ChangeDependencies,
  files: StoreFiles,
  { file }: BackupInput,
  action: AuditAction,
): Promise<void> {
  await change(deps, async (tx, now) => {
    const { id } = await tx.settings();
    await tx.appendAudit(
      {
        ...deps.author,
        action,
        target: { kind: 'store', id, name: null },
        details: {
          file: maskSecrets(file),
          host: deps.processes.self().host,
          location: maskSecrets(files.location),
        },
      },
      now,
    );
  });
}
