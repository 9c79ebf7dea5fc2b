import { type Credential, credentialStatus } from '../../domain/credential/credential.js';
import { conflictError } from '../../domain/errors.js';
import { shellCommand, shellWord } from '../../domain/text/quote.js';
import { type KeychainDependencies, type SavedSecret, usableSavedSecret } from './saved-secret.js';

/**
 * A saved secret that would be accepted now, for a program about to present it.
 *
 * @throws CredctlError `not_found` when there is no such credential or no entry of it; `conflict` when the
 *   entry is outdated, or the credential or its owner is not active
 */
export async function secretForProgram(deps: KeychainDependencies, reference: string): Promise<SavedSecret> {
  const saved = await usableSavedSecret(deps, reference);
  const obstacle = obstacleTo(saved.credential, deps.now);
  if (obstacle !== null) throw conflictError(obstacle.fact, obstacle.wayOut);
  return saved;
}

/**
 * Why no secret of the credential is accepted, and the remedy; null when it is usable.
 *
 * @param now epoch milliseconds
 */
export function obstacleTo(
  credential: Credential,
  now: number,
): { readonly fact: string; readonly wayOut: string } | null {
  const { name, owner } = credential;
  const status = credentialStatus(credential, now);
  if (status === 'inactive') {
    return {
      fact: `${name} is inactive`,
      wayOut: `${shellCommand(`credctl activate ${shellWord(name)}`)} lets it work again`,
    };
  }
  if (status === 'owner_inactive' && owner !== null) {
    return {
      fact: `the owner of ${name} is inactive`,
      wayOut: `${shellCommand(`credctl owner activate ${shellWord(owner.name)}`)} lets the credentials of ${owner.name} work again`,
    };
  }
  if (status === 'expired') {
    return {
      fact: `${name} has expired`,
      wayOut: `extend it first: credctl edit ${shellWord(name)} --expires-in 90d`,
    };
  }
  return null;
}
