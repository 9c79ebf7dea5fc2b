import { credentialStatus } from '../domain/credential.js';
import { conflictError } from '../domain/errors.js';
import { type KeychainDependencies, type SavedSecret, usableSavedSecret } from './saved-secret.js';

/**
 * A saved secret that would be accepted now, for a program that is about to present it.
 *
 * @throws CredctlError `not_found` when there is no such credential or no entry of it; `conflict` when the entry is
 *   outdated, or the credential or its owner does not let anyone in
 */
export async function secretForProgram(deps: KeychainDependencies, reference: string): Promise<SavedSecret> {
  const saved = await usableSavedSecret(deps, reference);
  const { credential } = saved;
  const status = credentialStatus(credential, deps.now);
  if (status === 'inactive') {
    throw conflictError(
      `${credential.name} is inactive`,
      `'credctl activate ${credential.name}' lets it work again`,
    );
  }
  if (credential.owner?.status === 'inactive') {
    const { name } = credential.owner;
    throw conflictError(
      `the owner of ${credential.name} is inactive`,
      `'credctl owner activate ${name}' lets the credentials of ${name} work again`,
    );
  }
  if (status === 'expired') {
    throw conflictError(
      `${credential.name} has expired`,
      `extend it first: credctl edit ${credential.name} --expires-in 90d`,
    );
  }
  return saved;
}
