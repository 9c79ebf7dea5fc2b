import { credentialTarget } from '../../../domain/audit-event.js';
import type { Author } from '../../../domain/ports/ports.js';
import type { StoreTransaction } from '../../../domain/ports/store-port.js';
import type { TrailReader } from '../../../domain/ports/trail-port.js';
import type { CredentialType } from '../../../domain/scope/catalog.js';
import {
  type Difference,
  differencesFromTrail,
  hasEndedBy,
  isWronglyRetired,
} from '../../../domain/trail/compare.js';
import type { DerivedCredential, DerivedVersion } from '../../../domain/trail/derived.js';
import type { HeldCredential, HeldVersion } from '../../../domain/trail/held.js';

/** A corrected credential or owner, and the properties that were corrected. */
export interface NotBelieved {
  readonly name: string;
  readonly what: readonly string[];
}

/** Sources and context of a correction by the trail. */
export interface Belief {
  readonly author: Author;
  readonly trail: TrailReader;
  /** The backup's hash of a version; null where it has none. */
  readonly hashOf: (versionId: string) => Promise<string | null>;
  /** Epoch milliseconds. */
  readonly now: number;
}

/** A credential whose rows differ from the trail. */
export interface Wrong {
  readonly held: HeldCredential;
  readonly derived: DerivedCredential;
  /** The differing properties, in words. */
  readonly what: readonly string[];
}

/**
 * Compares a credential with the trail.
 *
 * @param owners ids of the existing owners
 * @returns null where they agree, or the trail records nothing of it
 */
export async function wrongCredential(
  id: string,
  { trail }: Pick<Belief, 'trail'>,
  owners: ReadonlySet<string>,
): Promise<Wrong | null> {
  const compared = await trail.compare(id);
  if (compared === null || compared.derived === null) return null;
  const { held, derived } = compared;
  const what = [...new Set(differencesFromTrail(held, derived).map(inWords))];
  const isOrphan = held.ownerId !== null && !owners.has(held.ownerId);
  if (what.length === 0 && !isOrphan) return null;
  return { held, derived, what: what.length === 0 ? ['owner'] : what };
}

/** Clears a wrong name and client id first, as credentials may have swapped theirs (unique constraints). */
export async function makeRoom(tx: StoreTransaction, { held, derived }: Wrong): Promise<void> {
  const { id, type, name, clientId, canary } = held;
  if (derived.isDeleted || (derived.name !== undefined && derived.name !== name)) {
    await tx.updateCredential(id, { name: id });
  }
  if (derived.clientId !== undefined && derived.clientId !== clientId) {
    await tx.correctCredential(id, { type: isType(type) ? type : 'api-key', clientId: null, canary });
  }
}

/**
 * Makes a credential what the audit trail says. A hash other than the issued one is replaced by the backup's,
 * where that matches the trail; a version without the right hash is revoked.
 *
 * @param owners ids of the existing owners
 * @returns what was corrected
 */
export async function believeTrail(
  tx: StoreTransaction,
  { held, derived, what }: Wrong,
  belief: Belief,
  owners: ReadonlySet<string>,
): Promise<NotBelieved> {
  const target = credentialTarget(held);
  if (derived.isDeleted) {
    await tx.deleteCredential(held.id, belief.now);
    const details = { cause: 'the audit trail says that it was deleted' };
    await tx.appendAudit({ ...belief.author, action: 'credential.delete', target, details }, belief.now);
    return { name: held.name, what };
  }
  await putPropertiesRight(tx, held, derived, owners);
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
  owners: ReadonlySet<string>,
): Promise<void> {
  const { type = held.type, clientId = held.clientId, status = held.status, scopes, expiresAt } = derived;
  const { canary = held.canary } = derived;
  if (type !== held.type || clientId !== held.clientId || canary !== held.canary) {
    await tx.correctCredential(held.id, { type: isType(type) ? type : 'api-key', clientId, canary });
  }
  const ownerId = derived.ownerId === undefined ? held.ownerId : derived.ownerId;
  const hasLostOwner = ownerId !== null && !owners.has(ownerId);
  // Derived from edits of scopes that were never held, the list can be empty.
  const isStopped = status !== 'active' || hasLostOwner || (scopes?.length === 0 && !canary);
  const name = await ownName(tx, held, derived.name);
  await tx.updateCredential(held.id, {
    name,
    status: isStopped ? 'inactive' : 'active',
    ownerId: hasLostOwner ? null : ownerId,
    ...(scopes === undefined ? {} : { scopes }),
    ...(expiresAt === undefined ? {} : { expiresAt }),
  });
}

/** The name by the trail, unless a credential that the trail does not know has it. */
async function ownName(
  tx: StoreTransaction,
  held: HeldCredential,
  told: string | undefined,
): Promise<string> {
  for (const name of [told ?? held.name, held.name]) {
    const holder = await tx.findCredential(name);
    if (holder === null || holder.id === held.id) return name;
  }
  return held.id;
}

async function putVersionsRight(
  tx: StoreTransaction,
  { held, derived }: Pick<Wrong, 'held' | 'derived'>,
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
  const { revokedAt, retiresAt, deliveredAt, lapsesAt, graceMs, hasLapsed, latestEnd } = told;
  const isTold = told.sha256 !== undefined;
  const isOpen = held.revokedAt === null && held.retiresAt === null && held.ended === null;
  const isWronglyLapsed = isTold && held.ended === 'lapsed' && !hasLapsed;
  await tx.updateVersion(held.id, {
    ...(revokedAt === undefined ? {} : { revokedAt }),
    ...(retiresAt === undefined ? {} : { retiresAt }),
    ...(deliveredAt === undefined ? {} : { deliveredAt }),
    ...(lapsesAt === undefined || deliveredAt !== null || held.mayHaveArrived ? {} : { lapsesAt }),
    ...(graceMs === undefined || graceMs === held.graceMs
      ? {}
      : { supersede: graceMs === null ? { kind: 'revoke' } : { kind: 'grace', ms: graceMs } }),
    ...(latestEnd !== null && !hasEndedBy(held, latestEnd) ? { retiresAt: latestEnd } : {}),
    ...(hasLapsed && isOpen ? { ended: { at: lapsesAt ?? now, as: 'lapsed' } } : {}),
    ...(isWronglyLapsed || isWronglyRetired(held, told) ? { ended: null } : {}),
  });
}

function isType(text: string): text is CredentialType {
  return text === 'api-key' || text === 'oauth2';
}
