import { credentialTarget } from '../domain/audit-event.js';
import type { CredentialType } from '../domain/catalog.js';
import type { Author } from '../domain/ports.js';
import type { StoreTransaction } from '../domain/store-port.js';
import { type Difference, differencesFromTrail } from '../domain/trail/compare.js';
import type { DerivedCredential, DerivedVersion } from '../domain/trail/derived.js';
import type { HeldCredential, HeldVersion } from '../domain/trail/held.js';
import type { ComparedCredential, TrailReader } from '../domain/trail-port.js';

/** A credential that was not what the trail says, and in what. */
export interface NotBelieved {
  readonly name: string;
  readonly what: readonly string[];
}

/** Where the truth is looked for. */
export interface Belief {
  readonly author: Author;
  readonly trail: TrailReader;
  /** The hash that a backup has of a version; null where it has none. */
  readonly hashOf: (versionId: string) => Promise<string | null>;
  /** Epoch milliseconds. */
  readonly now: number;
}

/**
 * Makes a credential what the audit trail says that it must be. A hash that is not the one that was issued is taken from the
 * backup, where the trail agrees with that; a version without the right one is revoked.
 *
 * @returns what was not believed; null where the trail agrees
 */
export async function believeTrail(
  tx: StoreTransaction,
  id: string,
  belief: Belief,
): Promise<NotBelieved | null> {
  const compared = await belief.trail.compare(id);
  if (compared === null || compared.derived === null) return null;
  const { held, derived } = compared;
  const differences = differencesFromTrail(held, derived);
  if (differences.length === 0) return null;
  const what = [...new Set(differences.map(inWords))];
  const target = credentialTarget(held);
  if (derived.isDeleted) {
    await tx.deleteCredential(id, belief.now);
    const details = { cause: 'the audit trail says that it was deleted' };
    await tx.appendAudit({ ...belief.author, action: 'credential.delete', target, details }, belief.now);
    return { name: held.name, what };
  }
  await putPropertiesRight(tx, compared.held, derived);
  await putVersionsRight(tx, { held, derived }, belief);
  const details = { not_believed: what };
  await tx.appendAudit({ ...belief.author, action: 'credential.restore', target, details }, belief.now);
  return { name: held.name, what };
}

function inWords({ what, version }: Difference): string {
  const plain = what.replaceAll('_', ' ');
  return version === null ? plain : `${plain} of version ${version}`;
}

async function putPropertiesRight(
  tx: StoreTransaction,
  held: HeldCredential,
  derived: DerivedCredential,
): Promise<void> {
  const { type = held.type, clientId = held.clientId, name, status, scopes, ownerId, expiresAt } = derived;
  if (type !== held.type || clientId !== held.clientId) {
    await tx.correctCredential(held.id, { type: isType(type) ? type : 'api-key', clientId });
  }
  const owners = new Set((await tx.listOwners()).map((owner) => owner.id));
  const holder = name === undefined ? null : await tx.findCredential(name);
  // Edits of scopes that it never had can leave none.
  const isEmpty = scopes?.length === 0;
  await tx.updateCredential(held.id, {
    ...(name === undefined || (holder !== null && holder.id !== held.id) ? {} : { name }),
    ...(status === undefined ? {} : { status: status === 'active' && !isEmpty ? 'active' : 'inactive' }),
    ...(scopes === undefined ? {} : { scopes }),
    ...(ownerId === undefined ? {} : { ownerId: ownerId !== null && owners.has(ownerId) ? ownerId : null }),
    ...(expiresAt === undefined ? {} : { expiresAt }),
  });
}

async function putVersionsRight(
  tx: StoreTransaction,
  { held, derived }: ComparedCredential & { readonly derived: DerivedCredential },
  { hashOf, now }: Belief,
): Promise<void> {
  for (const version of held.versions) {
    const told = derived.versions.get(version.id);
    const isRight = told !== undefined && (await hasRightHash(tx, version, told, hashOf));
    if (told !== undefined) await putEndRight(tx, version, told, now);
    if (!isRight && told?.revokedAt == null)
      await tx.updateVersion(version.id, { revokedAt: now, delivery: null });
  }
}

async function hasRightHash(
  tx: StoreTransaction,
  held: HeldVersion,
  { sha256 }: DerivedVersion,
  hashOf: Belief['hashOf'],
): Promise<boolean> {
  if (sha256 === undefined || sha256 === held.sha256) return true;
  const hash = sha256 === null ? null : await hashOf(held.id);
  return hash !== null && sha256 !== null && tx.putBackHash(held.id, hash, sha256);
}

async function putEndRight(
  tx: StoreTransaction,
  held: HeldVersion,
  told: DerivedVersion,
  now: number,
): Promise<void> {
  const { revokedAt, retiresAt, deliveredAt, lapsesAt, hasLapsed, hasEnded } = told;
  const isTold = told.sha256 !== undefined;
  const isOpen = held.revokedAt === null && held.retiresAt === null && held.ended === null;
  const isWronglyLapsed = isTold && held.ended === 'lapsed' && !hasLapsed;
  await tx.updateVersion(held.id, {
    ...(revokedAt === undefined ? {} : { revokedAt }),
    ...(retiresAt === undefined ? {} : { retiresAt }),
    ...(deliveredAt === undefined ? {} : { deliveredAt }),
    ...(lapsesAt === undefined || deliveredAt !== null || held.mayHaveArrived ? {} : { lapsesAt }),
    ...(hasEnded && isOpen ? { revokedAt: now } : {}),
    ...(hasLapsed && isOpen ? { ended: { at: lapsesAt ?? now, as: 'lapsed' } } : {}),
    ...(isWronglyLapsed ? { ended: null } : {}),
  });
}

function isType(text: string): text is CredentialType {
  return text === 'api-key' || text === 'oauth2';
}
