import { credentialTarget } from '../../../domain/audit-event.js';
import type { Credential, OwnerSummary } from '../../../domain/credential/credential.js';
import { restoredCredential } from '../../../domain/credential/restored.js';
import { retiringVersions } from '../../../domain/credential/rotation.js';
import { authenticates } from '../../../domain/credential/version.js';
import type { CheckedBackup, StoreFiles } from '../../../domain/ports/backup-port.js';
import type { Store, StoreReader, StoreTransaction } from '../../../domain/ports/store-port.js';
import type { Catalog } from '../../../domain/scope/catalog.js';
import { catalogDifference } from '../../../domain/scope/catalog-change.js';
import { nameKey } from '../../../domain/text/name.js';
import { change } from '../../change.js';
import { type BelievedBackup, believedBackup } from './believe-backup.js';
import { attestOwner, believeOwners } from './believe-owners.js';
import { believeAll } from './believe-store.js';
import { allCredentialIds, deletedSince } from './every-credential.js';
import type { RestoreDependencies, Restored, RestoreInput } from './result.js';

interface Place {
  readonly tx: StoreTransaction;
  readonly backup: BelievedBackup;
  readonly catalog: Catalog;
  readonly owners: ReadonlyMap<string, OwnerSummary>;
  readonly now: number;
}

/** A credential present in both stores. */
interface Returning {
  readonly present: Credential;
  readonly before: Credential;
}

/**
 * Restores into a sound store in one transaction, so that concurrent writes are not lost and removals since the
 * backup persist. Secrets, catalog and audit trail stay; the properties of credentials are restored.
 */
export async function restoreInPlace(
  deps: RestoreDependencies,
  files: StoreFiles,
  { store: backup, facts }: CheckedBackup,
  store: Store,
  input: RestoreInput,
): Promise<Restored> {
  const kept = new KeptCopy(files);
  const restored = await kept.unlessFailed(async () =>
    change({ ...deps, store }, async (tx, now) => {
      const keptAs = kept.make(now);
      const trail = await tx.readTrail();
      const belief = { author: deps.author, trail, hashOf: hashesOf(backup), now };
      const notBelieved = [...(await believeOwners(tx, belief)), ...(await believeAll(tx, belief))];
      const believed = await believedBackup(tx, backup, facts.events);
      await restoreOwners(deps, tx, believed, now);
      const owners = new Map((await tx.listOwners()).map((owner) => [owner.id, owner]));
      const place = { tx, backup: believed, catalog: await tx.catalog(), owners, now };
      const stillDeleted = await deletedSince(backup, tx);
      const { returning, removed } = await sorted(place);
      for (const credential of removed) await remove(deps, place, credential);
      const withheld = await giveBack(deps, place, returning);
      notBelieved.push(...believed.notBelieved);
      const { id, hashPolicy } = await tx.settings();
      // Writes the unchanged policy to increment the generation: running processes must drop their caches.
      await tx.updateHashPolicy(hashPolicy);
      await tx.appendAudit(
        {
          ...deps.author,
          action: 'store.restore',
          target: { kind: 'store', id, name: null },
          details: {
            file: input.file,
            backup_events: facts.events,
            backup_head: facts.head,
            known_from: 'present-store',
            trusted: input.trust,
            removed: removed.length,
            withheld: withheld.length,
            not_believed: notBelieved.length,
          },
        },
        now,
      );
      return {
        storeId: id,
        isNewId: false,
        credentials: returning.length,
        keptAs,
        knownFrom: 'present-store' as const,
        stillDeleted,
        removed: removed.map(({ name }) => name),
        removedWithCopy: removed.filter(hasCopy),
        withheld,
        notBelieved,
        deactivated: [],
        withoutSecret: returning
          .filter(({ present }) => !present.versions.some((version) => authenticates(version, now)))
          .map(({ before }) => before.name),
        hasTrail: true,
        keepsCatalog: catalogDifference(await backup.catalog(), place.catalog).length > 0,
      };
    }),
  );
  return { ...restored, isScrubbed: (await store.scrub()) === 'done' };
}

function hashesOf(backup: StoreReader): (versionId: string) => Promise<string | null> {
  return async (versionId) => (await backup.findPresentedVersion(versionId))?.hash ?? null;
}

function hasCopy({ versions }: Credential): boolean {
  return versions.some(({ destinations }) => destinations.includes('keychain'));
}

/** A copy of the store being replaced; removed again when the restore fails. */
class KeptCopy {
  readonly #files: StoreFiles;
  #path: string | null = null;

  constructor(files: StoreFiles) {
    this.#files = files;
  }

  make(now: number): string {
    this.#path = this.#files.keepCopy(now);
    return this.#path;
  }

  async unlessFailed<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (fault) {
      if (this.#path !== null) this.#files.dropCopy(this.#path);
      throw fault;
    }
  }
}

/**
 * Restores an owner's name unless another owner has it; its status stays active only if it is active in both.
 */
async function restoreOwners(
  { author }: Pick<RestoreDependencies, 'author'>,
  tx: StoreTransaction,
  { owners }: BelievedBackup,
  now: number,
): Promise<void> {
  const present = new Map((await tx.listOwners()).map((owner) => [owner.id, owner]));
  for (const before of owners) {
    const owner = present.get(before.id);
    if (owner === undefined) continue;
    const holder = await tx.findOwner(before.name);
    const name = holder === null || holder.id === owner.id ? before.name : owner.name;
    const status = before.status === 'active' ? owner.status : 'inactive';
    if (name !== owner.name || status !== owner.status) {
      await tx.updateOwner(owner.id, { name, status, updatedAt: now });
      await attestOwner({ author, now }, tx, { id: owner.id, name, kind: owner.kind, status });
    }
  }
}

async function sorted(
  place: Place,
): Promise<{ readonly returning: readonly Returning[]; readonly removed: readonly Credential[] }> {
  const returning: Returning[] = [];
  const removed: Credential[] = [];
  for (const id of await allCredentialIds(place.tx, place.now)) {
    const present = await place.tx.findCredential(id);
    const before = await place.backup.credential(id);
    if (present === null) continue;
    if (before === null) removed.push(present);
    else returning.push({ present, before });
  }
  return { returning, removed };
}

async function remove(
  { author }: Pick<RestoreDependencies, 'author'>,
  { tx, now }: Place,
  { id, name, type, clientId, scopes, owner, versions }: Credential,
): Promise<void> {
  await tx.deleteCredential(id, now);
  await tx.appendAudit(
    {
      ...author,
      action: 'credential.delete',
      target: credentialTarget({ id, name }),
      details: {
        cause: 'it is not in the backup that was restored',
        type,
        client_id: clientId,
        scopes,
        owner: owner?.name ?? null,
        versions: versions.length,
      },
    },
    now,
  );
}

async function giveBack(
  { author }: Pick<RestoreDependencies, 'author'>,
  place: Place,
  returning: readonly Returning[],
): Promise<readonly { readonly name: string; readonly what: readonly string[] }[]> {
  const { tx, now } = place;
  const withheld: { name: string; what: readonly string[] }[] = [];
  // Names may have been swapped. Renaming to the unique id first avoids a collision.
  for (const { present, before } of returning) {
    if (nameKey(present.name) !== nameKey(before.name))
      await tx.updateCredential(present.id, { name: present.id });
  }
  for (const { present, before } of returning) {
    const { patch, withheld: what } = restoredCredential(before, present, place);
    if (what.length > 0) withheld.push({ name: before.name, what });
    if (Object.keys(patch).length === 0) continue;
    await tx.updateCredential(present.id, {
      ...patch,
      updatedAt: now,
      revision: Math.max(present.revision, before.revision) + 1,
    });
    await shortenGrace(tx, present, patch.expiresAt ?? null, now);
    const target = credentialTarget({ id: present.id, name: before.name });
    await tx.appendAudit({ ...author, action: 'credential.restore', target, details: {} }, now);
  }
  return withheld;
}

/** Caps the grace of retiring versions at the credential's expiry. */
async function shortenGrace(
  tx: StoreTransaction,
  { versions }: Credential,
  expiresAt: number | null,
  now: number,
): Promise<void> {
  if (expiresAt === null) return;
  for (const { id, retiresAt } of retiringVersions(versions, now)) {
    if (retiresAt !== null && retiresAt > expiresAt) await tx.updateVersion(id, { retiresAt: expiresAt });
  }
}
