import type { AuditTarget } from '../../domain/audit-event.js';
import { notFoundError } from '../../domain/errors.js';
import type { Author } from '../../domain/ports/ports.js';
import type { StoreReader, StoreTransaction } from '../../domain/ports/store-port.js';
import { change } from '../change.js';
import type { Dependencies } from '../dependencies.js';
import { judged, type LeakedSecret } from './list-leaks.js';

/** Result of closing a leak; `changed` is false when it was closed already. */
export interface ClosedLeak {
  readonly leaked: LeakedSecret;
  readonly changed: boolean;
}

/**
 * Closes a leak that was dealt with; its event keeps the reason. A secret that still works goes on working, and is a
 * new leak when it is found again.
 *
 * @param author with the reason
 * @throws CredctlError `not_found`; `store_unavailable` while another session holds the row
 */
export async function closeLeak(
  deps: Dependencies & { readonly author: Author & { readonly reason: string } },
  id: number,
): Promise<ClosedLeak> {
  await findLeaked(deps.store, id, deps.clock.now());
  return change(deps, async (tx, now) => {
    const before = await findLeaked(tx, id, now);
    if (before.leak.closedAt !== null) return { leaked: before, changed: false };
    await tx.closeLeak(id, now);
    const { handle, source, placeCount } = before.leak;
    await tx.appendAudit(
      {
        ...deps.author,
        action: 'leak.close',
        target: await targetOf(tx, before),
        details: { leak: id, handle, source, places: placeCount, live: before.isLive },
      },
      now,
    );
    return { leaked: { ...before, leak: { ...before.leak, closedAt: now } }, changed: true };
  });
}

async function findLeaked(store: StoreReader, id: number, now: number): Promise<LeakedSecret> {
  const leak = await store.findLeak(id);
  if (leak === null) {
    throw notFoundError(`no leak ${id}`, "see 'credctl leaks --all' for all leaks and their numbers");
  }
  return judged(store, await store.catalog(), leak, now);
}

async function targetOf(tx: StoreTransaction, { credential }: LeakedSecret): Promise<AuditTarget> {
  if (credential !== null) return { kind: 'credential', id: credential.id, name: credential.name };
  return { kind: 'store', id: (await tx.settings()).id, name: null };
}
