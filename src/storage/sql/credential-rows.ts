import type { ActiveStatus, Credential, OwnerKind } from '../../domain/credential/credential.js';
import type { DeliveryRecord, DestinationKind, Version } from '../../domain/credential/version.js';
import type { CredentialType } from '../../domain/scope/catalog.js';
import { altered, LAST_TIME, parseLabels, parseStored, parseTexts, time, timeOrNull } from './rows.js';

/** A credential joined with its owner and its last use; as {@link CREDENTIAL_COLUMNS}. */
export type CredentialRow = readonly [
  id: string,
  name: string,
  nameKey: string,
  type: string,
  status: string,
  clientId: string | null,
  scopes: string,
  labels: string,
  description: string | null,
  createdAt: number,
  createdBy: string,
  updatedAt: number,
  revision: number,
  expiresAt: number | null,
  rotateEvery: string | null,
  rotateEveryMs: number | null,
  rotationDueAt: number | null,
  lastUsedAt: number | null,
  ownerId: string | null,
  ownerName: string | null,
  ownerKind: string | null,
  ownerStatus: string | null,
  key: number,
  lastUsedFrom: string | null,
];

/** A version joined with its uses; as {@link VERSION_COLUMNS}. */
export type VersionRow = readonly [
  id: string,
  credentialKey: number,
  number: number,
  createdAt: number,
  deliveredAt: number | null,
  lapsesAt: number | null,
  retiresAt: number | null,
  revokedAt: number | null,
  endedAt: number | null,
  endedAs: string | null,
  supersedeGraceMs: number | null,
  destinations: string,
  delivery: string | null,
  firstUsedAt: number | null,
  lastUsedAt: number | null,
  lastUsedFrom: string | null,
  receivedAt: number | null,
  retiredBy: number | null,
  retiresBefore: number | null,
];

/** A time of use, which whoever serves the store writes: one that no date can be shows as none, and stops nothing. */
export const useTime = (column: string): string =>
  `case when ${column} between 0 and ${LAST_TIME} then ${column} end`;

export const CREDENTIAL_COLUMNS = `c.id, c.name, c.name_key, c.type, c.status, c.client_id, c.scopes, c.labels,
  c.description, c.created_at, c.created_by, c.updated_at, c.revision, c.expires_at, c.rotate_every, c.rotate_every_ms,
  c.rotation_due_at, ${useTime('u.last_used_at')}, o.id, o.name, o.kind, o.status, c.key,
  u.last_used_from`;

export const CREDENTIAL_JOINS = `left join owner o on o.id = c.owner_id
  left join last_use u on u.credential_key = c.key and u.number = 0`;

export const VERSION_COLUMNS = `v.id, v.credential_key, v.number, v.created_at, v.delivered_at, v.lapses_at, v.retires_at,
  v.revoked_at, v.ended_at, v.ended_as, v.supersede_grace_ms, v.destinations, v.delivery, ${useTime('w.first_used_at')}, ${useTime('w.last_used_at')},
  w.last_used_from, v.received_at, v.retired_by, v.retires_before`;

export const VERSION_JOINS =
  'left join last_use w on w.credential_key = v.credential_key and w.number = v.number';

/** From a hash `h` to its version `v`. A row that was left behind by a deletion leads to none, whoever has its number now. */
export const VERSION_OF_HASH =
  'join version v on v.credential_key = h.credential_key and v.number = h.number and v.id = h.version_id';

export function toCredential(row: CredentialRow, versions: readonly Version[]): Credential {
  const [
    id,
    name,
    ,
    type,
    status,
    clientId,
    scopes,
    labels,
    description,
    createdAt,
    createdBy,
    updatedAt,
    revision,
    expiresAt,
    rotateEvery,
    rotateEveryMs,
    rotationDueAt,
    lastUsedAt,
    ownerId,
    ownerName,
    ownerKind,
    ownerStatus,
    ,
    lastUsedFrom,
  ] = row;
  return {
    id,
    name,
    type: type as CredentialType,
    status: status as ActiveStatus,
    clientId,
    scopes: parseTexts(scopes, 'list of scopes'),
    owner:
      ownerId === null || ownerName === null
        ? null
        : {
            id: ownerId,
            name: ownerName,
            kind: ownerKind as OwnerKind,
            status: ownerStatus as ActiveStatus,
          },
    description,
    labels: parseLabels(labels),
    createdAt: time(createdAt),
    createdBy,
    updatedAt: time(updatedAt),
    revision,
    expiresAt: timeOrNull(expiresAt),
    rotateEvery:
      rotateEvery === null || rotateEveryMs === null ? null : { text: rotateEvery, ms: rotateEveryMs },
    rotationDueAt: timeOrNull(rotationDueAt),
    lastUsedAt: timeOfUse(lastUsedAt),
    lastUsedFrom,
    versions,
  };
}

export function toVersion(row: VersionRow, credentialId: string): Version {
  const [
    id,
    ,
    number,
    createdAt,
    deliveredAt,
    lapsesAt,
    retiresAt,
    revokedAt,
    endedAt,
    endedAs,
    supersedeGraceMs,
    destinations,
    delivery,
    firstUsedAt,
    lastUsedAt,
    lastUsedFrom,
    receivedAt,
    retiredBy,
    retiresBefore,
  ] = row;
  return {
    id,
    credentialId,
    number,
    createdAt: time(createdAt),
    deliveredAt: timeOrNull(deliveredAt),
    lapsesAt: timeOrNull(lapsesAt),
    retiresAt: timeOrNull(retiresAt),
    revokedAt: timeOrNull(revokedAt),
    ended: endedAt === null ? null : { at: endedAt, as: endedAs === 'lapsed' ? 'lapsed' : 'retired' },
    firstUsedAt: timeOrNull(firstUsedAt),
    receivedAt: timeOrNull(receivedAt),
    lastUsedAt: timeOfUse(lastUsedAt),
    lastUsedFrom,
    superseded: retiredBy === null ? null : { by: retiredBy, retiresBefore: timeOrNull(retiresBefore) },
    supersede: supersedeGraceMs === null ? { kind: 'revoke' } : { kind: 'grace', ms: supersedeGraceMs },
    destinations: destinations.split(',').filter(isDestinationKind),
    delivery: delivery === null ? null : parseDelivery(delivery),
  };
}

/** What was never used has the time 0. */
function timeOfUse(value: number | null): number | null {
  return value === 0 ? null : timeOrNull(value);
}

function isDestinationKind(text: string): text is DestinationKind {
  return text === 'stdout' || text === 'keychain' || text === 'file' || text === 'command';
}

/** The stored record of a delivery. @throws CredctlError `integrity` */
export function parseDelivery(text: string): DeliveryRecord {
  const record = parseStored(text, 'delivery record') as Partial<DeliveryRecord> | null;
  if (typeof record?.deliverBy === 'number' && typeof record.process?.pid === 'number')
    return record as DeliveryRecord;
  throw altered('delivery record');
}
