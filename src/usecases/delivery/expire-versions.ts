import { credentialTarget } from '../../domain/audit-event.js';
import { neverReceived } from '../../domain/credential/rotation.js';
import { authenticates, type Version, versionState } from '../../domain/credential/version.js';
import type { StoreTransaction } from '../../domain/ports/store-port.js';
import type { Dependencies } from '../dependencies.js';
import { doubtOf } from '../right-clock.js';
import { holdOn } from './lease.js';
import { isToldEnd, wasDelivered } from './told-ends.js';

type StampDependencies = Pick<Dependencies, 'processes' | 'author'>;

/**
 * Stamps versions whose grace or delivery deadline has passed, so that a clock set back does not revive them,
 * and removes credentials whose only secret lapsed unreceived. First step of every write. Skipped while the
 * clock is far ahead of the audit trail: stamping by a wrong clock would end graces irrevocably.
 *
 * @param now epoch milliseconds
 */
export async function expireVersions(
  deps: StampDependencies,
  tx: StoreTransaction,
  now: number,
): Promise<void> {
  const overdue = await tx.overdueVersions(now);
  if (overdue.length === 0 || (await isAhead(tx, now))) return;
  for (const { version, credential } of overdue) {
    const state = versionState(version, now);
    if (state === 'retired' || state === 'lapsed') {
      // A deadline written past the program (tampering) must not become final by the next write.
      const told = (await tx.toldVersions(credential.id)).get(version.id);
      if (!isToldEnd(version, told, state, now)) continue;
    }
    if (state === 'retired') {
      await tx.updateVersion(version.id, { ended: { at: version.retiresAt ?? now, as: 'retired' } });
    } else if (state !== 'lapsed') {
      // It was used before the deadline, hence received: it does not lapse.
      await tx.updateVersion(version.id, { lapsesAt: null });
    } else if (!isBeingDelivered(deps, version, now)) {
      await tx.updateVersion(version.id, { ended: { at: version.lapsesAt ?? now, as: 'lapsed' } });
      await tx.appendAudit(
        {
          ...deps.author,
          action: 'version.lapse',
          target: credentialTarget(credential),
          details: { version: version.number },
        },
        now,
      );
      await discardIfDead(deps, tx, credential.id, now);
    }
  }
}

async function isAhead(tx: StoreTransaction, now: number): Promise<boolean> {
  return (await doubtOf(tx, now))?.direction === 'ahead';
}

/**
 * Whether a process delivers the version, or may do so: the lease counts for a process that cannot be
 * inspected.
 */
export function isBeingDelivered(
  deps: Pick<Dependencies, 'processes'>,
  version: Version,
  now: number,
): boolean {
  return holdOn(deps, version, now) !== 'none';
}

/** Removes a credential that was never received and that no delivery can complete. */
export async function discardIfDead(
  deps: StampDependencies,
  tx: StoreTransaction,
  credentialId: string,
  now: number,
): Promise<void> {
  const credential = await tx.findCredential(credentialId);
  if (credential === null) return;
  const isDead = credential.versions.every(
    (version) => !authenticates(version, now) && !isBeingDelivered(deps, version, now),
  );
  if (!isDead || !neverReceived(credential.versions) || (await wasDelivered(tx, credentialId))) return;
  await discard(deps, tx, credential, now, 'its secret was never delivered');
}

/** Removes a credential that was never received, leaving a tombstone and an audit event. */
export async function discard(
  deps: Pick<Dependencies, 'author'>,
  tx: StoreTransaction,
  credential: { readonly id: string; readonly name: string },
  now: number,
  cause: string,
): Promise<void> {
  await tx.deleteCredential(credential.id, now);
  await tx.appendAudit(
    {
      ...deps.author,
      action: 'credential.discard',
      target: credentialTarget(credential),
      details: { cause },
    },
    now,
  );
}
