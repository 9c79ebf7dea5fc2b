import type { CheckedBackup, Continued, PresentStore } from '../../../domain/ports/backup-port.js';
import type { StoreTransaction } from '../../../domain/ports/store-port.js';
import type { RestoreDependencies, RestoreInput } from './result.js';

/** The facts of a restore from a copy, for its audit event. */
interface RestoreFacts {
  readonly backup: CheckedBackup;
  readonly continued: Continued;
  readonly input: RestoreInput;
  readonly outcome: {
    readonly stillDeleted: readonly string[];
    readonly withheld: readonly unknown[];
    readonly deactivated: readonly string[];
  };
  readonly storeId: string;
  readonly present: PresentStore;
  /** Epoch milliseconds. */
  readonly now: number;
}

/** Writes the event `store.restore` of a restore from a copy. */
export async function recordRestore(
  { author }: Pick<RestoreDependencies, 'author'>,
  tx: StoreTransaction,
  { backup, continued, input, outcome, storeId, present, now }: RestoreFacts,
): Promise<void> {
  await tx.appendAudit(
    {
      ...author,
      action: 'store.restore',
      target: { kind: 'store', id: storeId, name: null },
      details: {
        file: input.file,
        backup_events: backup.facts.events,
        backup_head: backup.facts.head,
        known_from: present.state === 'missing' ? 'nothing' : 'damaged-store',
        has_trail: continued.hasTrail,
        trusted: input.trust,
        former_id: backup.facts.storeId === storeId ? null : backup.facts.storeId,
        deleted: outcome.stillDeleted.length,
        withheld: outcome.withheld.length,
        deactivated: outcome.deactivated.length,
      },
    },
    now,
  );
}
