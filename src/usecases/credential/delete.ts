import { credentialTarget } from '../../domain/audit-event.js';
import type { Credential } from '../../domain/credential/credential.js';
import { change } from '../change.js';
import type { Dependencies } from '../dependencies.js';
import { findCredential } from './find.js';

/**
 * Deletes a credential permanently: its hashes, uses and tokens are erased; a tombstone of its ids remains.
 *
 * @throws CredctlError `not_found`
 */
export async function deleteCredential(deps: Dependencies, reference: string): Promise<Credential> {
  await findCredential(deps.store, reference);
  return change(deps, async (tx, now) => {
    const credential = await findCredential(tx, reference);
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
    return credential;
  });
}
