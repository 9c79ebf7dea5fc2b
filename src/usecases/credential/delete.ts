import { credentialTarget } from '../../domain/audit-event.js';
import type { Credential } from '../../domain/credential/credential.js';
import type { StoreTransaction } from '../../domain/ports/store-port.js';
import { change } from '../change.js';
import type { Dependencies } from '../dependencies.js';
import { findCredential } from './find.js';
import { type ChangeGuard, refuseIfUsed, requireRevision } from './guard.js';

/**
 * Deletes a credential permanently: its hashes, uses and tokens are erased; a tombstone of its ids remains.
 *
 * @param guard counts uses of a credential that does not work now as well: it could have been activated again
 * @throws CredctlError `not_found`, `conflict` by the guard
 */
export async function deleteCredential(
  deps: Dependencies,
  reference: string,
  guard: ChangeGuard = {},
): Promise<Credential> {
  await findCredential(deps.store, reference);
  return change(deps, async (tx, now) => {
    const credential = await findCredential(tx, reference);
    requireRevision(credential, guard);
    refuseIfUsed(credential, guard, now);
    await applyDeletion(deps, tx, credential, now);
    return credential;
  });
}

/** Deletes the credential, with its event. */
export async function applyDeletion(
  deps: Pick<Dependencies, 'author'>,
  tx: StoreTransaction,
  credential: Credential,
  now: number,
): Promise<void> {
  await tx.deleteCredential(credential.id, now);
  await tx.appendAudit(
    {
      ...deps.author,
      action: 'credential.delete',
      target: credentialTarget(credential),
      details: {
        type: credential.type,
        client_id: credential.clientId,
        scopes: credential.scopes,
        owner: credential.owner?.name ?? null,
        versions: credential.versions.length,
      },
    },
    now,
  );
}
