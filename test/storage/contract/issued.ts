import type { Credential } from '../../../src/domain/credential/credential.js';
import type { Version } from '../../../src/domain/credential/version.js';
import type { NewCredential, Store } from '../../../src/domain/ports/store-port.js';
import { handleOf } from '../../../src/domain/secret/secret-format.js';
import { START } from '../../support/dependencies/fixed-clock.js';
import { anEntry } from '../fixtures.js';
import { added } from './opened.js';

/** Adds a credential with these versions. */
export async function issued(
  store: Store,
  change: Partial<NewCredential> = {},
  versions: readonly Partial<Version>[] = [{}],
): Promise<Credential> {
  const credential = await added(store, change, versions);
  await store.write(async (tx) => {
    for (const { id, number } of credential.versions) {
      await tx.appendAudit(
        anEntry({
          action: number === 1 ? 'credential.create' : 'credential.rotate',
          target: { kind: 'credential', id: credential.id, name: credential.name },
          details: { version: number, handle: handleOf('cctl', 'key', id) },
        }),
        START,
      );
    }
  });
  return credential;
}

/** Deletes a credential, with the event that tells of it. */
export function deleted(store: Store, { id, name }: Credential): Promise<void> {
  return store.write(async (tx) => {
    await tx.deleteCredential(id, START);
    await tx.appendAudit(
      anEntry({ action: 'credential.delete', target: { kind: 'credential', id, name } }),
      START,
    );
  });
}
