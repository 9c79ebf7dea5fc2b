import type { Credential } from '../../domain/credential/credential.js';
import { wasReceived } from '../../domain/credential/version.js';
import type { AbandonedVersion } from '../../domain/ports/ports.js';
import type { StoreReader } from '../../domain/ports/store-port.js';
import { handleOf, kindOf } from '../../domain/secret/secret-format.js';

/** Versions of a credential whose delivery was interrupted and that were never received. */
export function abandonedVersions(credential: Credential, prefix: string): readonly AbandonedVersion[] {
  return credential.versions
    .filter((version) => !wasReceived(version))
    .map((version) => ({
      handle: handleOf(prefix, kindOf(credential.type), version.id),
      lapses: version.lapsesAt !== null || version.ended !== null || version.revokedAt !== null,
      ...(version.destinations.includes('keychain')
        ? { keychainEntry: { credentialId: credential.id, version: version.number } }
        : {}),
    }));
}

/** Versions of interrupted creates of that name that have since been discarded. */
export async function discardedVersions(
  store: StoreReader,
  name: string,
  prefix: string,
): Promise<readonly AbandonedVersion[]> {
  // The type of a discarded credential is not stored: both kinds of handle are returned.
  return (await store.discardedVersionIds(name)).flatMap((id) =>
    (['key', 'sec'] as const).map((kind) => ({ handle: handleOf(prefix, kind, id), lapses: true })),
  );
}
