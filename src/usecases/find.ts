import type { Credential } from '../domain/credential.js';
import { notFoundError, usageError } from '../domain/errors.js';
import { quote } from '../domain/quote.js';
import { isSecretShape } from '../domain/secret-format.js';
import type { StoreReader } from '../domain/store-port.js';

/**
 * The credential that a user means by a name, an id or a client id.
 *
 * @throws CredctlError `not_found`; `usage` when the reference is a secret
 */
export async function findCredential(store: StoreReader, reference: string): Promise<Credential> {
  if (isSecretShape(reference)) {
    throw usageError(
      'a secret was given where a name belongs',
      "it may now be in your shell's history: rotate it; to check a secret use 'credctl verify', which reads it from standard input",
    );
  }
  const credential = await store.findCredential(reference);
  if (credential === null) {
    throw notFoundError(`no credential ${quote(reference)}`, "see 'credctl list' for those that exist");
  }
  return credential;
}

/** The credential by its id, in a transaction that has read it before; null when it is gone since. */
export async function reload(
  store: StoreReader,
  credential: Pick<Credential, 'id'>,
): Promise<Credential | null> {
  return store.findCredential(credential.id);
}
