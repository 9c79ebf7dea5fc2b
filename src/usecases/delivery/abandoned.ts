import type { Credential } from '../../domain/credential/credential.js';
import { wasReceived } from '../../domain/credential/version.js';
import type { AbandonedVersion } from '../../domain/ports/ports.js';
import type { StoreReader } from '../../domain/ports/store-port.js';
import { handleOf } from '../../domain/secret/secret-format.js';

/** The versions of a credential whose delivery was cut off and that were never used. */
export function abandonedVersions(credential: Credential, prefix: string): readonly AbandonedVersion[] {
  return credential.versions
    .filter((version) => !wasReceived(version))
    .map((version) => ({
      handle: handleOf(prefix, credential.type === 'api-key' ? 'key' : 'sec', version.id),
      lapses: version.lapsesAt !== null || version.ended !== null || version.revokedAt !== null,
      ...(version.destinations.includes('keychain')
        ? { keychainEntry: { credentialId: credential.id, version: version.number } }
        : {}),
    }));
}

/** The versions of issues of that name that were cut off and have been removed since. */
export async function discardedVersions(
  store: StoreReader,
  name: string,
  prefix: string,
): Promise<readonly AbandonedVersion[]> {
  // The type of what was removed is not known any more.
  return (await store.discardedVersionIds(name)).flatMap((id) =>
    (['key', 'sec'] as const).map((kind) => ({ handle: handleOf(prefix, kind, id), lapses: true })),
  );
}
