import type { Author } from '../../../domain/ports/ports.js';
import type { StoreTransaction } from '../../../domain/ports/store-port.js';

/** Writes deletion events for owners that the trail has but the restored backup lacks. */
export async function tellLostOwners(tx: StoreTransaction, author: Author, now: number): Promise<void> {
  const held = new Set((await tx.listOwners()).map(({ id }) => id));
  const { owners } = await tx.readTrail();
  for (const [id, { isDeleted, name = null }] of owners) {
    if (isDeleted || held.has(id)) continue;
    const target = { kind: 'owner' as const, id, name };
    const details = { cause: 'it is not in the backup that was restored', credentials: [] };
    await tx.appendAudit({ ...author, action: 'owner.delete', target, details }, now);
  }
}
