import type { Credential } from '../../domain/credential/credential.js';
import { notFoundError } from '../../domain/errors.js';
import type { StoreReader } from '../../domain/ports/store-port.js';
import { secretAsArgument } from '../../domain/secret/secret-as-argument.js';
import { isSecretShape } from '../../domain/secret/secret-format.js';
import { nearest } from '../../domain/text/nearest.js';
import { quote, shellCommand, shellWord } from '../../domain/text/quote.js';

/**
 * Finds a credential by name, id or client id.
 *
 * @throws CredctlError `not_found`; `usage` when the reference is a secret
 */
export async function findCredential(store: StoreReader, reference: string): Promise<Credential> {
  if (isSecretShape(reference)) throw secretAsArgument();
  const credential = await store.findCredential(reference);
  if (credential !== null) return credential;
  const near = nearest(reference, await store.credentialNames(reference.slice(0, 1), MOST_COMPARED));
  const question = near === null ? '' : `did you mean ${quote(near)}? `;
  if (near === null && (await store.findOwner(reference)) !== null) {
    throw notFoundError(
      `no credential ${quote(reference)}`,
      `that is an owner: ${shellCommand(`credctl list --owner ${shellWord(reference)}`)} lists its credentials, 'credctl owner --help' has what can be done with it`,
    );
  }
  throw notFoundError(
    `no credential ${quote(reference)}`,
    `${question}see 'credctl list' for those that exist`,
  );
}

/** Maximum number of names, with the same first letter, compared with a mistyped one. */
const MOST_COMPARED = 2_000;
