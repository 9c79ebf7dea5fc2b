import type { Credential } from '../../domain/credential/credential.js';
import { authenticates } from '../../domain/credential/version.js';
import { type ChangeDependencies, change } from '../change.js';
import { applyStatus } from '../credential/activation.js';

/** Deactivates a credential whose secret has leaked. @returns whether it was active, with a secret that works */
export function deactivateLeaked(
  deps: ChangeDependencies,
  credentialId: string,
  versionId: string,
): Promise<boolean> {
  return change(deps, async (tx, now) => {
    const present = await tx.findCredential(credentialId);
    if (present === null || present.status === 'inactive' || !stillWorks(present, versionId, now))
      return false;
    await applyStatus(deps, tx, present, 'inactive', now);
    return true;
  });
}

/** Whether a version of a credential authenticates. @param now epoch milliseconds */
export function stillWorks({ versions }: Credential, versionId: string, now: number): boolean {
  return versions.some((version) => version.id === versionId && authenticates(version, now));
}
