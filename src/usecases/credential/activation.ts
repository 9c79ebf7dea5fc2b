import { credentialTarget } from '../../domain/audit-event.js';
import type { ActiveStatus, Credential } from '../../domain/credential/credential.js';
import { change } from '../change.js';
import type { Dependencies } from '../dependencies.js';
import { findCredential } from './find.js';

/**
 * Activates or deactivates a credential, effective with the next request. Idempotent.
 *
 * @throws CredctlError `not_found`
 */
export async function setCredentialStatus(
  deps: Dependencies,
  reference: string,
  status: ActiveStatus,
): Promise<Credential> {
  await findCredential(deps.store, reference);
  return change(deps, async (tx, now) => {
    const credential = await findCredential(tx, reference);
    if (credential.status === status) return credential;
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
  });
}
