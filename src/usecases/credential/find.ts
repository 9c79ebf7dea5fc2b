import type { Credential } from '../../domain/credential/credential.js';
import type { FormerCredential } from '../../domain/credential/verdict.js';
import { formatInstant } from '../../domain/duration.js';
import { type CredctlError, notFoundError } from '../../domain/errors.js';
import type { StoreReader } from '../../domain/ports/store-port.js';
import { refuseSecret } from '../../domain/secret/secret-as-argument.js';
import { nearest } from '../../domain/text/nearest.js';
import { quote, shellCommand, shellWord } from '../../domain/text/quote.js';
import { formerByReference } from './former.js';

/**
 * Finds a credential by name, id, client id or the handle of any of its versions.
 *
 * @throws CredctlError `not_found`, which names the deleted credential that a handle, an id or a client id belonged to; `usage` when the reference is a secret
 */
export async function findCredential(store: StoreReader, reference: string): Promise<Credential> {
  refuseSecret(reference);
  const credential = await store.findCredential(reference);
  if (credential !== null) return credential;
  const former = await formerByReference(store, reference);
  if (former !== null) throw deleted(reference, former);
  if ((await store.findOwner(reference)) !== null) {
    throw notFoundError(
      `no credential ${quote(reference)}`,
      `${quote(reference)} is an owner: ${shellCommand(`credctl list --owner ${shellWord(reference)}`)} lists its credentials; for other commands see 'credctl owner --help'`,
    );
  }
  const near = nearest(reference, await store.credentialNames(reference.slice(0, 1), MOST_COMPARED));
  const question = near === null ? '' : `did you mean ${quote(near)}? `;
  throw notFoundError(
    `no credential ${quote(reference)}`,
    `${question}see 'credctl list' for all credentials`,
  );
}

function deleted(reference: string, { id, name, deletedAt }: FormerCredential): CredctlError {
  const what = name === null && id === reference.toLowerCase() ? 'it' : `it belonged to ${name ?? id}, which`;
  return notFoundError(
    `no credential ${quote(reference)}: ${what} was deleted ${formatInstant(deletedAt)}`,
    `see who deleted it with ${shellCommand(`credctl audit --target ${shellWord(reference)}`)}`,
  );
}

/** Maximum number of names, with the same first letter, compared with a mistyped one. */
const MOST_COMPARED = 2_000;
