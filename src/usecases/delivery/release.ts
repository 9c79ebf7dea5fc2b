import { credentialTarget } from '../../domain/audit-event.js';
import type { Version } from '../../domain/credential/version.js';
import { CredctlError } from '../../domain/errors.js';
import type { StoreTransaction } from '../../domain/ports/store-port.js';
import { change } from '../change.js';
import type { Dependencies } from '../dependencies.js';

/** Backoff between retries, in milliseconds; the last one repeats. */
const PAUSES_MS = [1_000, 5_000, 30_000, 60_000] as const;

/**
 * Ends the lease of a version that was not confirmed. Its process may live on, and would otherwise block resume
 * and abort for as long.
 *
 * @throws CredctlError as the store does
 */
export async function release(deps: Dependencies, version: Version): Promise<void> {
  await change(deps, (tx, now) => noteDoubt(deps, tx, now, version));
}

/** Retries {@link release} with backoff after a store failure, for the lifetime of this process. */
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
