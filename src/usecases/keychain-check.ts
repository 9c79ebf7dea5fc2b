import { CredctlError } from '../domain/errors.js';
import { keychainAccount } from '../domain/keychain-account.js';
import type { Keychain } from '../domain/ports.js';
import type { Finding, StoreReader } from '../domain/store-port.js';
import { versionState } from '../domain/version.js';
import { everyCredential } from './restore-reading.js';

/** Of the credentials deleted last, so many are looked for. */
const DELETED = 100;

/** An entry that the keychain may have. */
interface Suspect {
  readonly account: string;
  readonly message: string;
  readonly fix: string;
  /** Whether it once was there. */
  readonly isCertain: boolean;
}

/**
 * Looks in the keychain for secrets that are dead: of versions that have ended and of credentials that were deleted. A
 * keychain cannot be asked what it holds, only for one entry after the other.
 *
 * @param now epoch milliseconds
 * @returns what was found before the keychain stopped answering; a note where it did not answer
 */
export async function checkKeychain(
  store: StoreReader,
  keychain: Keychain,
  now: number,
): Promise<readonly Finding[]> {
  const found: Finding[] = [];
  let isInUse = false;
  try {
    for await (const { account, message, fix, isCertain } of suspects(store, now)) {
      isInUse ||= isCertain;
      if ((await keychain.get(account)) === null) continue;
      found.push({ check: 'keychain', severity: 'warning', message, fix });
    }
    return found;
  } catch (fault) {
    if (!(fault instanceof CredctlError) || fault.code !== 'undelivered') throw fault;
    // Where no secret ever went to the keychain, that there is none is no news.
    if (!isInUse) return found;
    return [
      ...found,
      {
        check: 'keychain',
        severity: 'note',
        message: `entries in the keychain were not looked at: ${fault.message}`,
        fix: 'unlock it and check again, if secrets of this store were saved there',
      },
    ];
  }
}

async function* suspects(store: StoreReader, now: number): AsyncGenerator<Suspect> {
  const { id } = await store.settings();
  for await (const credential of everyCredential(store, now)) {
    for (const version of credential.versions) {
      const state = versionState(version, now);
      const isDead = state === 'retired' || state === 'revoked' || state === 'lapsed';
      if (!isDead || !version.destinations.includes('keychain')) continue;
      const account = keychainAccount(id, credential.id, version.number);
      yield {
        account,
        message: `the keychain still holds version ${version.number} of ${credential.name}, which is ${state}`,
        fix: removal(account),
        isCertain: true,
      };
    }
  }
  for (const { credentialId, versions } of await store.deletedCredentials(DELETED)) {
    for (let number = versions; number >= 1; number -= 1) {
      const account = keychainAccount(id, credentialId, number);
      yield {
        account,
        message: `the keychain still holds version ${number} of ${credentialId}, which was deleted`,
        fix: removal(account),
        isCertain: false,
      };
    }
  }
}

/** The systems' own tools know the entry by the same two words. */
function removal(account: string): string {
  return `Linux: secret-tool clear service credctl username ${account}; macOS: security delete-generic-password -s credctl -a ${account}`;
}
