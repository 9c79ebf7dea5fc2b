import type { Credential } from '../domain/credential.js';
import type { AbandonedVersion } from '../domain/ports.js';
import { handleOf } from '../domain/secret-format.js';
import type { StoreReader } from '../domain/store-port.js';
import { wasReceived } from '../domain/version.js';

/**
 * The versions of a name whose delivery was cut off and that were never used: those that the credential still has,
 * and those of an issue that has been removed since.
 */
export async function abandonedVersions(
  store: StoreReader,
  name: string,
  credential: Credential | null,
  prefix: string,
): Promise<readonly AbandonedVersion[]> {
  const present = (credential?.versions ?? [])
    .filter((version) => !wasReceived(version))
    .map((version) => ({
      handle: handleOf(prefix, credential?.type === 'api-key' ? 'key' : 'sec', version.id),
      lapses: version.lapsesAt !== null || version.ended !== null || version.revokedAt !== null,
    }));
  // The type of what was removed is not known any more.
  const removed = (await store.discardedVersionIds(name)).flatMap((id) =>
    (['key', 'sec'] as const).map((kind) => ({ handle: handleOf(prefix, kind, id), lapses: true })),
  );
  return [...present, ...removed];
}
