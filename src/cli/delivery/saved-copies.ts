import type { Credential } from '../../domain/credential/credential.js';
import { authenticates, newestFirst, type Version } from '../../domain/credential/version.js';
import { isTermination } from '../../domain/ending-signal.js';
import { CredctlError } from '../../domain/errors.js';
import type { Keychain } from '../../domain/ports/ports.js';
import type { StoreReader } from '../../domain/ports/store-port.js';
import { keychainAccount, keychainLabel } from '../../domain/secret/keychain-account.js';
import { hasUnseenVersions, savedAccounts, savedVersions } from '../../usecases/keychain/saved-secret.js';
import type { GlobalOptions } from '../flags/global.js';
import type { Host } from '../host/host.js';
import { note } from '../session.js';

/**
 * Removes the keychain entries of a deleted credential.
 *
 * @throws CredctlError `interrupted` and `terminated` when a signal has ended the wait for the keychain
 */
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
  try {
    keychain.renew();
    const accounts = hasUnseenVersions(credential)
      ? await savedAccounts(keychain, id, credential.id)
      : recorded.map((version) => keychainAccount(id, credential.id, version.number));
    for (const account of accounts) await keychain.delete(account);
  } catch (fault) {
    if (fault instanceof CredctlError && isTermination(fault.code)) {
      throw interruptedAfter(fault, credential, `${credential.name} was deleted`);
    }
    if (recorded.length > 0) tellOfDeadCopy(host, globals, credential, fault);
  }
}

/**
 * Removes keychain entries left by an interrupted rotation: after an abort, those of the versions it ended;
 * after a resume, those of the versions superseded.
 *
 * @param before the credential before the step
 * @throws CredctlError `interrupted` and `terminated` when a signal has ended the wait for the keychain
 */
export async function removeCopiesAfter(
  step: 'abort' | 'resume',
  host: Host,
  globals: GlobalOptions,
  store: StoreReader,
  before: Credential,
): Promise<void> {
  const outdated = step === 'abort' ? await endedSince(host, store, before) : supersededBy(before);
  if (outdated.length === 0) return;
  const { id } = await store.settings();
  const keychain = host.keychain((text) => note(host, globals, text));
  try {
    for (const { number } of outdated) await keychain.delete(keychainAccount(id, before.id, number));
  } catch (fault) {
    if (fault instanceof CredctlError && isTermination(fault.code)) {
      const done = step === 'abort' ? 'aborted' : 'completed';
      throw interruptedAfter(fault, before, `the rotation of ${before.name} was ${done}`);
    }
    // The next rotation removes the entry of a superseded version.
    if (step === 'abort') tellOfDeadCopy(host, globals, before, fault);
  } finally {
    keychain.close();
  }
}

/** Gives the keychain entries of a renamed credential its new name: best effort, and silently. */
export async function relabelCopiesOf(host: Host, store: StoreReader, credential: Credential): Promise<void> {
  const now = host.clock.now();
  const saved = savedVersions(credential).filter((version) => authenticates(version, now));
  if (saved.length === 0) return;
  const { id } = await store.settings();
  const keychain = host.keychain();
  for (const { number } of saved) {
    const account = keychainAccount(id, credential.id, number);
    await keychain.label(account, keychainLabel(credential, number)).catch(() => {});
  }
  keychain.close();
}

function interruptedAfter(fault: CredctlError, { id }: Credential, done: string): CredctlError {
  return new CredctlError(
    fault.code,
    `${fault.code}; ${done}, but the keychain may keep a dead copy of its secret`,
    { hint: `credctl keychain delete ${id} removes it`, cause: fault },
  );
}

async function endedSince(host: Host, store: StoreReader, before: Credential): Promise<readonly Version[]> {
  const after = await store.findCredential(before.id);
  const now = host.clock.now();
  const works = (number: number): boolean =>
    after?.versions.some((version) => version.number === number && authenticates(version, now)) ?? false;
  return savedVersions(before).filter((version) => authenticates(version, now) && !works(version.number));
}

/** The versions before the newest, if that was saved as well. */
function supersededBy(before: Credential): readonly Version[] {
  const [newest] = newestFirst(before.versions);
  if (newest === undefined || !newest.destinations.includes('keychain')) return [];
  return savedVersions(before).filter(({ number }) => number < newest.number);
}

/** Notes a remaining entry of a revoked secret, which is no failure. */
function tellOfDeadCopy(host: Host, globals: GlobalOptions, { id, name }: Credential, fault: unknown): void {
  if (fault instanceof CredctlError && fault.code === 'conflict') {
    note(host, globals, `note: the keychain entries of ${name} were not removed: ${fault.message}`);
    return;
  }
  const why = fault instanceof CredctlError ? fault.message : 'the keychain could not be reached';
  note(
    host,
    globals,
    `note: the keychain may still have a secret of ${name} that no longer works: ${why}; credctl keychain delete ${id} removes it`,
  );
}
