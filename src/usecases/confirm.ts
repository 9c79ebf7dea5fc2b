import { credentialTarget } from '../domain/audit-event.js';
import type { Credential } from '../domain/credential.js';
import { CredctlError } from '../domain/errors.js';
import { completeDelivery } from '../domain/rotation.js';
import type { StoreTransaction } from '../domain/store-port.js';
import type { Version } from '../domain/version.js';
import type { Dependencies } from './dependencies.js';
import { requireRightClock } from './right-clock.js';
import { stampEnded } from './stamp.js';

/** How the audit trail calls a delivery: of the first secret, or of a rotation's. */
export type ConfirmationAction = 'credential.deliver' | 'credential.rotate.deliver';

/**
 * Transaction B: the version counts as delivered, the older ones are superseded.
 *
 * @param deliveredAt epoch milliseconds
 * @throws CredctlError `partial` when the version was ended meanwhile by a deletion or from another machine; `conflict`
 *   when a grace would be counted from a clock in doubt
 */
export async function confirmDelivery(
  deps: Pick<Dependencies, 'store' | 'author' | 'processes' | 'trustsClock'>,
  tx: StoreTransaction,
  credentialId: string,
  versionId: string,
  deliveredAt: number,
  action: ConfirmationAction,
): Promise<{ credential: Credential; version: Version }> {
  const credential = await tx.findCredential(credentialId);
  const version = credential?.versions.find((candidate) => candidate.id === versionId);
  if (credential === null || version === undefined || version.revokedAt !== null || version.ended !== null) {
    throw new CredctlError(
      'partial',
      'the secret was delivered, but it was ended by someone else meanwhile',
      {
        hint: "see 'credctl audit' for who did it; the delivered secret does not work",
      },
    );
  }
  const completion = completeDelivery(credential, version, deliveredAt);
  if (completion.patches.some(({ patch }) => patch.retiresAt !== undefined))
    await requireRightClock(deps, tx, deliveredAt);
  for (const { versionId: changed, patch } of completion.patches) await tx.updateVersion(changed, patch);
  await tx.updateCredential(credential.id, { rotationDueAt: completion.credential.rotationDueAt });
  await tx.appendAudit(
    {
      ...deps.author,
      action,
      target: credentialTarget(credential),
      details: { version: version.number },
    },
    deliveredAt,
  );
  await stampEnded(deps, tx, deliveredAt);
  return {
    credential: completion.credential,
    version: completion.credential.versions.find((candidate) => candidate.id === versionId) ?? version,
  };
}
