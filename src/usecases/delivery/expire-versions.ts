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
 * Stamps whatever time has ended, so that it stays ended even if the clock is set back, and removes credentials
 * whose only secret lapsed before anyone can have received it. Part of every write. A clock that is far ahead of the
 * audit trail stamps nothing: were it wrong, graces would be over for good that have hardly begun.
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
      // An end that was planted past the program must not become true by the next change.
      const told = (await tx.toldVersions(credential.id)).get(version.id);
      if (!isToldEnd(version, told, state, now)) continue;
    }
    if (state === 'retired') {
      await tx.updateVersion(version.id, { ended: { at: version.retiresAt ?? now, as: 'retired' } });
    } else if (state !== 'lapsed') {
      // It was used before it would have lapsed: somebody has it, so it no longer lapses.
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

/** Whether a process is handing the version over, or may be: one that cannot be seen is believed until its lease ends. */
export function isBeingDelivered(
  deps: Pick<Dependencies, 'processes'>,
  version: Version,
  now: number,
): boolean {
  return holdOn(deps, version, now) !== 'none';
}

/** Removes a credential that nobody can have received and that no delivery can bring to life any more. */
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

/** Removes a credential that nobody can have received, leaving a tombstone and an audit event. */
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
