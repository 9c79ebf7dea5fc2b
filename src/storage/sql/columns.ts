import type { Version } from '../../domain/credential/version.js';
import type { HashPolicy } from '../../domain/ports/ports.js';
import type { CredentialPatch, NewCredential, VersionPatch } from '../../domain/ports/store-port.js';
import { nameKey } from '../../domain/text/name.js';
import type { CredentialTable, VersionTable } from '../schema/tables.js';

/**
 * The row of a new credential.
 *
 * @param key the number by which other tables refer to it
 */
export function newCredentialColumns(credential: NewCredential, key: number): CredentialTable {
  return {
    key,
    id: credential.id,
    name: credential.name,
    name_key: nameKey(credential.name),
    type: credential.type,
    status: credential.status,
    client_id: credential.clientId,
    owner_id: credential.ownerId,
    scopes: JSON.stringify(credential.scopes),
    labels: labelsText(credential.labels),
    description: credential.description,
    description_key: credential.description?.toLowerCase() ?? null,
    created_at: credential.createdAt,
    created_by: credential.createdBy,
    updated_at: credential.updatedAt,
    revision: credential.revision,
    expires_at: credential.expiresAt,
    rotate_every: credential.rotateEvery?.text ?? null,
    rotate_every_ms: credential.rotateEvery?.ms ?? null,
    rotation_due_at: credential.rotationDueAt,
    canary: credential.canary ? 1 : 0,
  };
}

/**
 * The row of a new version.
 *
 * @param key the number of its credential
 */
export function newVersionColumns(version: Version, key: number): VersionTable {
  return {
    credential_key: key,
    number: version.number,
    id: version.id,
    created_at: version.createdAt,
    delivered_at: version.deliveredAt,
    lapses_at: version.lapsesAt,
    retires_at: version.retiresAt,
    revoked_at: version.revokedAt,
    ended_at: version.ended?.at ?? null,
    ended_as: version.ended?.as ?? null,
    supersede_grace_ms: version.supersede.kind === 'grace' ? version.supersede.ms : null,
    destinations: version.destinations.join(','),
    delivery: version.delivery === null ? null : JSON.stringify(version.delivery),
    received_at: version.receivedAt,
    ...supersededColumns(version.superseded),
  };
}

/** The columns that hold a hash policy. */
export function hashPolicyColumns(policy: HashPolicy): { hash_scheme: string; bcrypt_cost: number | null } {
  return { hash_scheme: policy.scheme, bcrypt_cost: policy.scheme === 'bcrypt' ? policy.cost : null };
}

/** Serializes labels for the store. */
export function labelsText(labels: ReadonlyMap<string, string>): string {
  return JSON.stringify(Object.fromEntries(labels));
}

/** The columns that a patch of a credential sets. */
export function credentialColumns(patch: CredentialPatch): Partial<CredentialTable> {
  return {
    ...(patch.name === undefined ? {} : { name: patch.name, name_key: nameKey(patch.name) }),
    ...(patch.status === undefined ? {} : { status: patch.status }),
    ...(patch.scopes === undefined ? {} : { scopes: JSON.stringify(patch.scopes) }),
    ...(patch.ownerId === undefined ? {} : { owner_id: patch.ownerId }),
    ...(patch.description === undefined
      ? {}
      : { description: patch.description, description_key: patch.description?.toLowerCase() ?? null }),
    ...(patch.labels === undefined ? {} : { labels: labelsText(patch.labels) }),
    ...(patch.expiresAt === undefined ? {} : { expires_at: patch.expiresAt }),
    ...(patch.rotateEvery === undefined
      ? {}
      : {
          rotate_every: patch.rotateEvery?.text ?? null,
          rotate_every_ms: patch.rotateEvery?.ms ?? null,
        }),
    ...(patch.rotationDueAt === undefined ? {} : { rotation_due_at: patch.rotationDueAt }),
    ...(patch.updatedAt === undefined ? {} : { updated_at: patch.updatedAt }),
    ...(patch.revision === undefined ? {} : { revision: patch.revision }),
  };
}

/** The columns that a patch of a version sets. */
export function versionColumns(patch: VersionPatch): Partial<VersionTable> {
  return {
    ...(patch.deliveredAt === undefined ? {} : { delivered_at: patch.deliveredAt }),
    ...(patch.lapsesAt === undefined ? {} : { lapses_at: patch.lapsesAt }),
    ...(patch.retiresAt === undefined ? {} : { retires_at: patch.retiresAt }),
    ...(patch.revokedAt === undefined ? {} : { revoked_at: patch.revokedAt }),
    ...(patch.ended === undefined
      ? {}
      : { ended_at: patch.ended?.at ?? null, ended_as: patch.ended?.as ?? null }),
    ...(patch.destinations === undefined ? {} : { destinations: patch.destinations.join(',') }),
    ...(patch.delivery === undefined
      ? {}
      : { delivery: patch.delivery === null ? null : JSON.stringify(patch.delivery) }),
    ...(patch.receivedAt === undefined ? {} : { received_at: patch.receivedAt }),
    ...(patch.supersede === undefined
      ? {}
      : { supersede_grace_ms: patch.supersede.kind === 'grace' ? patch.supersede.ms : null }),
    ...(patch.superseded === undefined ? {} : supersededColumns(patch.superseded)),
  };
}

function supersededColumns(
  superseded: Version['superseded'],
): Pick<VersionTable, 'retired_by' | 'retires_before'> {
  return { retired_by: superseded?.by ?? null, retires_before: superseded?.retiresBefore ?? null };
}
