import type { Credential } from '../../domain/credential/credential.js';
import {
  authenticates,
  newestFirst,
  type Version,
  type VersionState,
  versionState,
} from '../../domain/credential/version.js';
import { CredctlError, conflictError, notFoundError } from '../../domain/errors.js';
import type { Keychain } from '../../domain/ports/ports.js';
import type { StoreReader } from '../../domain/ports/store-port.js';
import { keychainAccount, parseKeychainAccount } from '../../domain/secret/keychain-account.js';
import { handleOf, kindOf, parseSecret } from '../../domain/secret/secret-format.js';
import { shellCommand, shellWord } from '../../domain/text/quote.js';
import { findCredential } from '../credential/find.js';

/** A secret read from the keychain. */
export interface SavedSecret {
  readonly credential: Credential;
  readonly version: Version;
  readonly state: VersionState;
  readonly secret: string;
}

/** Dependencies of reading the keychain. */
export interface KeychainDependencies {
  readonly store: StoreReader;
  readonly keychain: Keychain;
  /** Epoch milliseconds. */
  readonly now: number;
}

/**
 * The newest saved secret of a credential that still authenticates.
 *
 * @throws CredctlError `not_found` when there is no such credential, or no entry of it; `conflict` when all
 *   saved versions have ended, or the entry holds something else than was saved there
 */
export async function usableSavedSecret(deps: KeychainDependencies, reference: string): Promise<SavedSecret> {
  let credential = await findCredential(deps.store, reference);
  for (;;) {
    const found = await usableOf(deps, credential);
    if (!(found instanceof CredctlError)) return found;
    // A rotation that completes between the look at the store and that at the keychain removes the older entry.
    const present =
      (await deps.store.findCredential(credential.id)) ?? (await findCredential(deps.store, reference));
    if (outcomesOf(present) === outcomesOf(credential)) throw found;
    credential = present;
  }
}

/** What decides which entries there are. */
function outcomesOf({ id, versions }: Credential): string {
  return JSON.stringify([
    id,
    versions.map(({ number, deliveredAt, revokedAt, ended }) => [number, deliveredAt, revokedAt, ended]),
  ]);
}

/** As {@link usableSavedSecret}, by one reading of the store. */
async function usableOf(
  deps: KeychainDependencies,
  credential: Credential,
): Promise<SavedSecret | CredctlError> {
  const { id, prefix } = await deps.store.settings();
  const saved = newestFirst(savedVersions(credential));
  const isGood = (version: Version): boolean => authenticates(version, deps.now);
  for (const version of [...saved.filter(isGood), ...saved.filter((candidate) => !isGood(candidate))]) {
    const secret = await deps.keychain.get(keychainAccount(id, credential.id, version.number));
    if (secret === null) continue;
    const state = versionState(version, deps.now);
    if (isGood(version)) {
      refuseForeign(secret, prefix, credential, version);
      return { credential, version, state, secret };
    }
    return conflictError(
      `the keychain's secret of ${credential.name} is version ${version.number}, which is ${state}`,
      `save a new one with ${shellCommand(`credctl rotate ${shellWord(credential.name)} --keychain`)}`,
    );
  }
  return notFoundError(
    `the keychain has no secret of ${credential.name}`,
    `save one with ${shellCommand(`credctl rotate ${shellWord(credential.name)} --keychain`)}`,
  );
}

/** Refuses an entry whose content is not the version's secret: other programs can write to the keychain. */
function refuseForeign(secret: string, prefix: string, credential: Credential, version: Version): void {
  const problem = foreignContent(secret, prefix, credential, version);
  if (problem === null) return;
  throw conflictError(
    problem,
    `save a new one with ${shellCommand(`credctl rotate ${shellWord(credential.name)} --keychain`)}`,
  );
}

/**
 * Compares the handle of an entry's content with that of the version; null when they agree, otherwise what is
 * wrong.
 */
export function foreignContent(
  secret: string,
  prefix: string,
  { name, type }: Credential,
  { id, number }: Version,
): string | null {
  const parsed = parseSecret(secret);
  if (parsed?.handle === handleOf(prefix, kindOf(type), id)) return null;
  const what = parsed === null ? 'a text that is not a secret' : `another secret, ${parsed.handle}`;
  return `the keychain entry for version ${number} of ${name} was changed: it contains ${what}`;
}

/** A keychain entry, without its secret. */
export interface KeychainEntry {
  /** The credential's name; its id where the store no longer has it. */
  readonly name: string;
  readonly version: number;
  readonly state: VersionState;
}

/** All keychain entries of this store, by name and newest first. */
export async function listSavedSecrets(deps: KeychainDependencies): Promise<readonly KeychainEntry[]> {
  const { id } = await deps.store.settings();
  const entries: KeychainEntry[] = [];
  for (const account of await deps.keychain.accounts()) {
    const place = parseKeychainAccount(id, account);
    if (place === null) continue;
    const credential = await deps.store.findCredential(place.credentialId);
    const isSame = credential?.id === place.credentialId;
    entries.push({
      name: isSame ? credential.name : place.credentialId,
      version: place.version,
      state: isSame ? stateOf(credential, place.version, deps.now) : 'revoked',
    });
  }
  return entries.sort((a, b) => compare(a.name, b.name) || b.version - a.version);
}

/**
 * The accounts of all entries of a credential, including those that the store has no record of.
 *
 * @param credentialId may be that of a deleted credential
 */
export async function savedAccounts(
  keychain: Keychain,
  storeId: string,
  credentialId: string,
): Promise<readonly string[]> {
  const accounts = await keychain.accounts();
  return accounts.filter((account) => parseKeychainAccount(storeId, account)?.credentialId === credentialId);
}

/** The versions that were delivered to the keychain. */
export function savedVersions({ versions }: Pick<Credential, 'versions'>): readonly Version[] {
  return versions.filter((version) => version.destinations.includes('keychain'));
}

/**
 * Whether the credential has versions that were not loaded: only the newest ones and those that have not ended
 * are.
 */
export function hasUnseenVersions({ versions }: Pick<Credential, 'versions'>): boolean {
  return versions.length < Math.max(0, ...versions.map((version) => version.number));
}

/**
 * State of a version by number. A missing one below the newest has been pruned, hence retired; one above the
 * newest was issued by a later copy of the store.
 */
function stateOf({ versions }: Credential, number: number, now: number): VersionState {
  const version = versions.find((candidate) => candidate.number === number);
  if (version !== undefined) return versionState(version, now);
  return versions.some((candidate) => candidate.number > number) ? 'retired' : 'revoked';
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
