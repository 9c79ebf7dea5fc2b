import type { Credential } from '../domain/credential.js';
import { CredctlError } from '../domain/errors.js';
import { keychainAccount } from '../domain/keychain-account.js';
import type { Keychain } from '../domain/ports.js';
import type { StoreReader } from '../domain/store-port.js';
import { authenticates } from '../domain/version.js';
import { hasUnseenVersions, savedAccounts, savedVersions } from '../usecases/saved-secret.js';
import type { Host } from './host.js';
import type { GlobalOptions } from './options.js';
import { note } from './session.js';

/** Removes what the keychain holds of a credential that is gone. */
export async function removeCopiesOf(
  host: Host,
  globals: GlobalOptions,
  store: StoreReader,
  keychain: Keychain,
  credential: Credential,
): Promise<void> {
  const recorded = savedVersions(credential);
  if (recorded.length === 0 && !hasUnseenVersions(credential)) return;
  const { id } = await store.settings();
  await removeDead(host, globals, keychain, credential, recorded.length > 0, async () =>
    hasUnseenVersions(credential)
      ? savedAccounts(keychain, id, credential.id)
      : recorded.map((version) => keychainAccount(id, credential.id, version.number)),
  );
}

/**
 * Removes what the keychain holds of the versions that an abort has ended.
 *
 * @param before the credential as it was
 */
export async function removeAbortedCopies(
  host: Host,
  globals: GlobalOptions,
  store: StoreReader,
  before: Credential,
): Promise<void> {
  const after = await store.findCredential(before.id);
  const now = host.clock.now();
  const goesOn = (number: number): boolean =>
    after?.versions.some((version) => version.number === number && authenticates(version, now)) ?? false;
  const ended = savedVersions(before).filter(
    (version) => authenticates(version, now) && !goesOn(version.number),
  );
  if (ended.length === 0) return;
  const { id } = await store.settings();
  const keychain = host.keychain();
  await removeDead(host, globals, keychain, before, true, async () =>
    ended.map((version) => keychainAccount(id, before.id, version.number)),
  );
  keychain.close();
}

/** The secrets are dead by now: a copy that cannot be removed is untidy, and said where there must be one. */
async function removeDead(
  host: Host,
  globals: GlobalOptions,
  keychain: Keychain,
  credential: Credential,
  isCertain: boolean,
  find: () => Promise<readonly string[]>,
): Promise<void> {
  try {
    keychain.renew();
    for (const account of await find()) await keychain.delete(account);
  } catch (fault) {
    if (!isCertain) return;
    const why = fault instanceof CredctlError ? fault.message : 'it could not be reached';
    note(
      host,
      globals,
      `note: the keychain may keep a dead copy of ${credential.name}'s secret: ${why}; credctl keychain delete ${credential.id} removes it`,
    );
  }
}
