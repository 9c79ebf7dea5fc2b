import type { Credential } from '../domain/credential.js';
import { conflictError, notFoundError } from '../domain/errors.js';
import { keychainAccount } from '../domain/keychain-account.js';
import type { Keychain } from '../domain/ports.js';
import type { StoreReader } from '../domain/store-port.js';
import { authenticates, type Version, type VersionState, versionState } from '../domain/version.js';
import { findCredential } from './find.js';

/** A secret that the keychain holds. */
export interface SavedSecret {
  readonly credential: Credential;
  readonly version: Version;
  readonly state: VersionState;
  readonly secret: string;
}

/** What looking into the keychain needs. */
export interface KeychainDependencies {
  readonly store: StoreReader;
  readonly keychain: Keychain;
  /** Epoch milliseconds. */
  readonly now: number;
}

/**
 * The newest secret of a credential that the keychain holds, whatever its state.
 *
 * @throws CredctlError `not_found` when there is no such credential, or no entry of it
 */
export async function findSavedSecret(deps: KeychainDependencies, reference: string): Promise<SavedSecret> {
  const credential = await findCredential(deps.store, reference);
  const saved = await savedAmong(deps, credential, savedVersions(credential));
  if (saved !== null) return saved;
  throw notFoundError(
    `the keychain holds no secret of ${credential.name}`,
    `save one with 'credctl rotate ${credential.name} --keychain'`,
  );
}

/**
 * The newest secret of a credential that the keychain holds and that still works.
 *
 * @throws CredctlError `not_found` as {@link findSavedSecret}; `conflict` when every entry is outdated
 */
export async function usableSavedSecret(deps: KeychainDependencies, reference: string): Promise<SavedSecret> {
  const credential = await findCredential(deps.store, reference);
  const live = savedVersions(credential).filter((version) => authenticates(version, deps.now));
  const usable = await savedAmong(deps, credential, live);
  if (usable !== null) return usable;
  const { version, state } = await findSavedSecret(deps, reference);
  throw conflictError(
    `the keychain's secret of ${credential.name} is version ${version.number}, which is ${state}`,
    `save a new one with 'credctl rotate ${credential.name} --keychain'`,
  );
}

async function savedAmong(
  deps: KeychainDependencies,
  credential: Credential,
  versions: readonly Version[],
): Promise<SavedSecret | null> {
  const { id } = await deps.store.settings();
  for (const version of versions) {
    const secret = await deps.keychain.get(keychainAccount(id, credential.id, version.number));
    if (secret !== null) return { credential, version, state: versionState(version, deps.now), secret };
  }
  return null;
}

/** Every secret of this store that the keychain holds, without the secrets. */
export async function listSavedSecrets(
  deps: KeychainDependencies,
): Promise<readonly Omit<SavedSecret, 'secret'>[]> {
  const { id } = await deps.store.settings();
  const found: Omit<SavedSecret, 'secret'>[] = [];
  let cursor: string | null = null;
  do {
    const page = await deps.store.listCredentials({
      now: deps.now,
      sort: 'name',
      limit: 500,
      ...(cursor === null ? {} : { cursor }),
    });
    for (const credential of page.items) {
      for (const version of savedVersions(credential)) {
        const secret = await deps.keychain.get(keychainAccount(id, credential.id, version.number));
        if (secret !== null) found.push({ credential, version, state: versionState(version, deps.now) });
      }
    }
    cursor = page.nextCursor;
  } while (cursor !== null);
  return found;
}

/**
 * Removes what the keychain holds of a credential.
 *
 * @returns how many entries there were
 */
export async function removeSavedSecrets(
  keychain: Keychain,
  storeId: string,
  credential: Pick<Credential, 'id' | 'versions'>,
): Promise<number> {
  let removed = 0;
  for (const version of savedVersions(credential)) {
    if (await keychain.delete(keychainAccount(storeId, credential.id, version.number))) removed += 1;
  }
  return removed;
}

function savedVersions(credential: Pick<Credential, 'versions'>): readonly Version[] {
  return credential.versions.filter((version) => version.destinations.includes('keychain'));
}
