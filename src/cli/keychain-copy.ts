import type { Credential } from '../domain/credential.js';
import { CredctlError } from '../domain/errors.js';
import type { StoreReader } from '../domain/store-port.js';
import { removeSavedSecrets } from '../usecases/saved-secret.js';
import type { Host } from './host.js';
import type { GlobalOptions } from './options.js';
import { note } from './session.js';

/** The secret is dead by now; a copy that cannot be removed is untidy, and said. */
export async function removeCopy(
  host: Host,
  globals: GlobalOptions,
  store: StoreReader,
  credential: Credential,
): Promise<void> {
  if (!credential.versions.some((version) => version.destinations.includes('keychain'))) return;
  try {
    const { id } = await store.settings();
    await removeSavedSecrets(host.keychain(), id, credential);
  } catch (fault) {
    const why = fault instanceof CredctlError ? fault.message : 'it could not be reached';
    note(host, globals, `note: the keychain keeps a dead copy of ${credential.name}'s secret: ${why}`);
  }
}
