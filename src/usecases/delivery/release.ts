import { credentialTarget } from '../../domain/audit-event.js';
import type { Version } from '../../domain/credential/version.js';
import { CredctlError } from '../../domain/errors.js';
import type { StoreTransaction } from '../../domain/ports/store-port.js';
import { change } from '../change.js';
import type { Dependencies } from '../dependencies.js';

/** How long a store is left alone that could not note it, in milliseconds; the last as often as it takes. */
const PAUSES_MS = [1_000, 5_000, 30_000, 60_000] as const;

/**
 * Notes that a version is not being delivered any more although nobody has confirmed it: its process may live on, and
 * nobody else could complete it or take it back as long as it does.
 *
 * @throws CredctlError what the store says
 */
export async function release(deps: Dependencies, version: Version): Promise<void> {
  await change(deps, (tx, now) => noteDoubt(deps, tx, now, version));
}

/** The same for a store that has just failed: once it can be written again, for as long as this process lives. */
export function releaseOnceItCan(deps: Dependencies, version: Version, failures = 0): void {
  const pause = PAUSES_MS[Math.min(failures, PAUSES_MS.length - 1)];
  setTimeout(() => {
    release(deps, version).catch((fault: unknown) => {
      if (fault instanceof CredctlError && fault.code !== 'store_unavailable') return;
      releaseOnceItCan(deps, version, failures + 1);
    });
  }, pause).unref();
}

async function noteDoubt(
  deps: Dependencies,
  tx: StoreTransaction,
  now: number,
  { id, credentialId }: Version,
): Promise<void> {
  const credential = await tx.findCredential(credentialId);
  const present = credential?.versions.find((candidate) => candidate.id === id);
  if (credential === null || present === undefined || present.revokedAt !== null || present.ended !== null)
    return;
  if (present.deliveredAt !== null || present.delivery === null) return;
  await tx.updateVersion(id, { delivery: null, lapsesAt: null });
  await tx.appendAudit(
    {
      ...deps.author,
      action: 'version.doubt',
      target: credentialTarget(credential),
      details: { version: present.number },
    },
    now,
  );
}
