import { type Credential, credentialStatus } from './credential.js';
import { authenticates } from './version.js';

/**
 * Why nothing of a credential authenticates, in a few words; null when something does.
 *
 * @param now epoch milliseconds
 */
export function whyStopped(credential: Credential, now: number): string | null {
  switch (credentialStatus(credential, now)) {
    case 'inactive':
      return 'inactive';
    case 'owner_inactive':
      return `its owner ${credential.owner?.name} is inactive`;
    case 'expired':
      return 'expired';
    case 'canary':
      return 'a canary, which grants nothing';
    case 'active':
      return credential.versions.some((version) => authenticates(version, now)) ? null : 'no secret works';
  }
}

/** Whether the credential's owner alone keeps it from authenticating at `now` (epoch milliseconds). */
export function isStoppedByOwner(credential: Credential, now: number): boolean {
  return credential.owner?.status === 'inactive' && whyStopped({ ...credential, owner: null }, now) === null;
}
