import { type Credential, credentialStatus } from '../../domain/credential/credential.js';
import { shellCommand, shellWord } from '../../domain/text/quote.js';

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
      wayOut: `extend it first, for example: credctl edit ${shellWord(name)} --expires-in 90d`,
    };
  }
  return null;
}
