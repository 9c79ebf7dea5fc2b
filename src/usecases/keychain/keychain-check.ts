import { versionState } from '../../domain/credential/version.js';
import { CredctlError } from '../../domain/errors.js';
import type { Keychain } from '../../domain/ports/ports.js';
import type { Finding, StoreReader } from '../../domain/ports/store-port.js';
import { keychainAccount } from '../../domain/secret/keychain-account.js';
import { shellWord } from '../../domain/text/quote.js';
import { everyCredential } from '../store/restore/every-credential.js';
import { foreignContent } from './saved-secret.js';

/** Number of most recently deleted credentials that are checked. */
const DELETED = 100;

/** What is wrong with an entry, and its remedy. */
type Problem = Pick<Finding, 'message' | 'fix'>;

/** An entry that the keychain may hold. */
interface Suspect {
  readonly account: string;
  /** The problem of an entry with this content; null when it is fine. */
  readonly problem: (secret: string) => Problem | null;
  /** Whether the entry is known to have been saved. */
  readonly isCertain: boolean;
}

/**
 * Probes the keychain for dead secrets (ended versions, deleted credentials) and for entries with foreign
 * content. Keychains offer no listing with contents, so each possible entry is read by name.
 *
 * @param now epoch milliseconds
 * @returns the findings up to the first failure of the keychain, and a note about that failure
 */
export async function checkKeychain(
  store: StoreReader,
  keychain: Keychain,
  now: number,
): Promise<readonly Finding[]> {
  const found: Finding[] = [];
  let isInUse = false;
  try {
    for await (const { account, problem, isCertain } of suspects(store, now)) {
      isInUse ||= isCertain;
      const secret = await keychain.get(account);
      const wrong = secret === null ? null : problem(secret);
      if (wrong !== null) found.push({ check: 'keychain', severity: 'warning', ...wrong });
    }
    return found;
  } catch (fault) {
    if (!(fault instanceof CredctlError)) throw fault;
    if (fault.code !== 'undelivered' && fault.code !== 'conflict') throw fault;
    // A missing keychain is not reported where no secret was ever saved there.
    if (!isInUse) return found;
    return [
      ...found,
      {
        check: 'keychain',
        severity: 'note',
        message: `the entries in the keychain were not checked: ${fault.message}`,
        fix:
          fault.code === 'conflict' && fault.hint !== null
            ? fault.hint
            : 'if you saved secrets of this store in the keychain, unlock it and check again',
      },
    ];
  }
}

async function* suspects(store: StoreReader, now: number): AsyncGenerator<Suspect> {
  const { id, prefix } = await store.settings();
  for await (const credential of everyCredential(store, now)) {
    for (const version of credential.versions) {
      const state = versionState(version, now);
      const isDead = state === 'retired' || state === 'revoked' || state === 'lapsed';
      if (!version.destinations.includes('keychain')) continue;
      const account = keychainAccount(id, credential.id, version.number);
      const leftover: Problem = {
        message: `the keychain still holds version ${version.number} of ${credential.name}, which is ${state}`,
        fix: removal(account),
      };
      const changed = (secret: string): Problem | null => {
        const message = foreignContent(secret, prefix, credential, version);
        return message === null
          ? null
          : { message, fix: `credctl rotate ${shellWord(credential.name)} --keychain` };
      };
      yield { account, problem: isDead ? () => leftover : changed, isCertain: true };
    }
  }
  for (const { credentialId, versions } of await store.deletedCredentials(DELETED)) {
    for (let number = versions; number >= 1; number -= 1) {
      const account = keychainAccount(id, credentialId, number);
      const leftover: Problem = {
        message: `the keychain still holds version ${number} of ${credentialId}, which was deleted`,
        fix: removal(account),
      };
      yield { account, problem: () => leftover, isCertain: false };
    }
  }
}

/** Commands of the platforms' own tools that remove the entry. */
function removal(account: string): string {
  return `Linux: secret-tool clear service credctl username ${account}; macOS: security delete-generic-password -s credctl -a ${account}`;
}
