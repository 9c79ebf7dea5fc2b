import { conflictError } from '../../domain/errors.js';
import { obstacleTo } from '../credential/obstacle.js';
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
