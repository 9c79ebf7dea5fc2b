import { credentialTarget } from '../../domain/audit-event.js';
import type { ActiveStatus, Credential } from '../../domain/credential/credential.js';
import type { StoreTransaction } from '../../domain/ports/store-port.js';
import { change } from '../change.js';
import type { Dependencies } from '../dependencies.js';
import { findCredential } from './find.js';
import { type ChangeGuard, refuseIfInUse, requireRevision } from './guard.js';

/** Result of an activation; `changed` is false when the credential had the status already. */
export interface StatusChange {
  readonly credential: Credential;
  readonly changed: boolean;
}

/**
 * Activates or deactivates a credential, effective with the next request. Idempotent.
 *
 * @param guard of uses for a deactivation alone
 * @throws CredctlError `not_found`, `conflict` by the guard
 */
export async function setCredentialStatus(
  deps: Dependencies,
  reference: string,
  status: ActiveStatus,
  guard: ChangeGuard = {},
): Promise<StatusChange> {
  await findCredential(deps.store, reference);
  return change(deps, async (tx, now) => {
    const credential = await findCredential(tx, reference);
    requireRevision(credential, guard);
    if (credential.status === status) return { credential, changed: false };
    if (status === 'inactive') refuseIfInUse(credential, guard, now);
    return { credential: await applyStatus(deps, tx, credential, status, now), changed: true };
  });
}

/** Writes the status, with its event. @returns the credential as it is then */
export async function applyStatus(
  deps: Pick<Dependencies, 'author'>,
  tx: StoreTransaction,
  credential: Credential,
  status: ActiveStatus,
  now: number,
): Promise<Credential> {
  await tx.updateCredential(credential.id, { status, updatedAt: now, revision: credential.revision + 1 });
  await tx.appendAudit(
    {
      ...deps.author,
      action: status === 'active' ? 'credential.activate' : 'credential.deactivate',
      target: credentialTarget(credential),
      details: {},
    },
    now,
  );
  return findCredential(tx, credential.id);
}
