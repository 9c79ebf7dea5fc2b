import { CredctlError } from '../errors.js';
import type { CredentialPatch, VersionPatch } from '../ports/store-port.js';
import type { Catalog } from '../scope/catalog.js';
import { presentScopes } from '../scope/present-scopes.js';
import { normaliseScopes } from '../scope/scope.js';
import { sharedScopes } from '../scope/shared-scopes.js';
import { type ActiveStatus, type Credential, type OwnerSummary, rotationDueAt } from './credential.js';
import type { Version } from './version.js';

/** Context of a restore besides the two credentials. */
export interface RestoreContext {
  /** The catalog after the restore. */
  readonly catalog: Catalog;
  /** The owners after the restore, by id. */
  readonly owners: ReadonlyMap<string, Pick<OwnerSummary, 'id' | 'status'>>;
}

/** The properties that a restore decides on. */
export type RestoredProperties = Required<Omit<CredentialPatch, 'updatedAt' | 'revision'>>;

/** How a credential is restored, and what was withheld. */
export interface RestoredCredential {
  /** Its properties after the restore. */
  readonly wanted: RestoredProperties;
  /** The difference of these to the present ones. */
  readonly patch: CredentialPatch;
  /** What the backup had but was removed since, from the credential or from the owner that is restored. */
  readonly withheld: readonly ('status' | 'scopes' | 'owner' | 'owner_status' | 'expiry')[];
}

/**
 * Merges a backup's credential with the present one: its properties are restored, except permissions removed
 * since. Versions are not part of this: secrets are never restored.
 *
 * @param inBackup the credential in the backup
 * @param atPresent the same credential now
 */
export function restoredCredential(
  inBackup: Credential,
  atPresent: Credential,
  context: RestoreContext,
): RestoredCredential {
  const before = underPresentIds(context.catalog, inBackup);
  const present = underPresentIds(context.catalog, atPresent);
  const scopes = restoredScopes(context.catalog, before, present);
  const expiresAt = earlier(before.expiresAt, present.expiresAt);
  const ownerId = restoredOwner(before, present, context);
  const status: ActiveStatus =
    before.status === 'active' && wasWorking(present, ownerId) && scopes !== null ? 'active' : 'inactive';
  const kept = scopes ?? present.scopes;
  const withheld: RestoredCredential['withheld'][number][] = [];
  if (status !== before.status) withheld.push('status');
  if (kept.join(' ') !== before.scopes.join(' ')) withheld.push('scopes');
  if (ownerId !== (before.owner?.id ?? null)) withheld.push('owner');
  if (status === 'active' && isStoppedBy(ownerId, present, context)) withheld.push('owner_status');
  if (expiresAt !== before.expiresAt) withheld.push('expiry');
  const wanted: RestoredProperties = {
    name: before.name,
    description: before.description,
    labels: before.labels,
    rotateEvery: before.rotateEvery,
    rotationDueAt: rotationDueAt(before.rotateEvery, present.versions),
    scopes: kept,
    expiresAt,
    ownerId,
    status,
  };
  return { wanted, patch: differences(wanted, present), withheld };
}

/** The backup may have another catalog than the one after the restore. */
function underPresentIds(catalog: Catalog, credential: Credential): Credential {
  return { ...credential, scopes: presentScopes(catalog, credential.scopes) };
}

/** Ends of a version that another source records: an end is never undone. */
export function endKnownElsewhere(version: Version, known: Version | null, now: number): VersionPatch {
  if (version.revokedAt !== null || version.ended !== null) return {};
  if (known === null || known.revokedAt !== null)
    return { revokedAt: known?.revokedAt ?? now, delivery: null };
  if (known.ended !== null) return { ended: known.ended };
  return {
    ...(known.retiresAt === null || earlier(version.retiresAt, known.retiresAt) === version.retiresAt
      ? {}
      : { retiresAt: known.retiresAt }),
    ...(version.deliveredAt !== null || known.lapsesAt === null || version.lapsesAt !== null
      ? {}
      : { lapsesAt: known.lapsesAt }),
  };
}

/** Intersection of both scope sets; null when empty, unless it is a canary, which needs none. */
function restoredScopes(catalog: Catalog, before: Credential, present: Credential): readonly string[] | null {
  const common = sharedScopes(catalog, before.scopes, present.scopes).filter((scope) =>
    isKnown(catalog, present, scope),
  );
  if (common.length === 0) return present.canary ? [] : null;
  return normaliseScopes(catalog, present.type, common).scopes;
}

/** A `*` may cover a permission that the catalog no longer has. */
function isKnown(catalog: Catalog, { type }: Credential, scope: string): boolean {
  try {
    normaliseScopes(catalog, type, [scope]);
    return true;
  } catch (fault) {
    if (fault instanceof CredctlError) return false;
    throw fault;
  }
}

function restoredOwner(before: Credential, present: Credential, { owners }: RestoreContext): string | null {
  if (before.owner === null) return null;
  if (owners.has(before.owner.id)) return before.owner.id;
  return present.owner !== null && owners.has(present.owner.id) ? present.owner.id : null;
}

/**
 * Whether the credential worked. One stopped by its owner's deactivation must not start by losing that owner.
 */
function wasWorking({ status, owner }: Credential, ownerId: string | null): boolean {
  return status === 'active' && (owner === null || owner.status === 'active' || owner.id === ownerId);
}

/** Whether a restored owner, other than its present one and deactivated since, stops the credential. */
function isStoppedBy(ownerId: string | null, { owner }: Credential, { owners }: RestoreContext): boolean {
  return ownerId !== null && ownerId !== owner?.id && owners.get(ownerId)?.status === 'inactive';
}

function earlier(one: number | null, other: number | null): number | null {
  if (one === null || other === null) return one ?? other;
  return Math.min(one, other);
}

function differences(wanted: RestoredProperties, present: Credential): CredentialPatch {
  const { labels, scopes, rotateEvery, ownerId, ...plain } = wanted;
  const changed = Object.entries(plain).filter(([field, value]) => Reflect.get(present, field) !== value);
  return {
    ...Object.fromEntries(changed),
    ...(textOf(labels) === textOf(present.labels) ? {} : { labels }),
    ...(scopes.join(' ') === present.scopes.join(' ') ? {} : { scopes }),
    ...(rotateEvery?.text === present.rotateEvery?.text ? {} : { rotateEvery }),
    ...(ownerId === (present.owner?.id ?? null) ? {} : { ownerId }),
  };
}

function textOf(labels: ReadonlyMap<string, string>): string {
  return JSON.stringify([...labels].sort(([a], [b]) => (a < b ? -1 : 1)));
}
