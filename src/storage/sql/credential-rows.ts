import type { ActiveStatus, Credential, OwnerKind } from '../../domain/credential/credential.js';
import type { DeliveryRecord, DestinationKind, Version } from '../../domain/credential/version.js';
import type { Catalog, CredentialType } from '../../domain/scope/catalog.js';
import { scopesOfStored } from '../../domain/scope/present-scopes.js';
import { LAST_TIME } from '../schema/tables.js';
import { altered, parseLabels, parseStored, parseTexts, time, timeOrNull } from './rows.js';
import { selected } from './selected.js';

/** A credential joined with its owner and its last use. */
export interface CredentialRow {
  readonly id: string;
  readonly name: string;
  readonly nameKey: string;
  readonly type: string;
  readonly status: string;
  readonly clientId: string | null;
  readonly scopes: string;
  readonly labels: string;
  readonly description: string | null;
  readonly createdAt: number;
  readonly createdBy: string;
  readonly updatedAt: number;
  readonly revision: number;
  readonly expiresAt: number | null;
  readonly rotateEvery: string | null;
  readonly rotateEveryMs: number | null;
  readonly rotationDueAt: number | null;
  readonly lastUsedAt: number | null;
  readonly ownerId: string | null;
  readonly ownerName: string | null;
  readonly ownerKind: string | null;
  readonly ownerStatus: string | null;
  readonly key: number;
  readonly lastUsedFrom: string | null;
  /** Null in an earlier schema. */
  readonly canary: number | null;
}

/** Delivery and ends of a version: what decides its state. */
export interface VersionTimes {
  readonly deliveredAt: number | null;
  readonly lapsesAt: number | null;
  readonly retiresAt: number | null;
  readonly revokedAt: number | null;
  readonly endedAt: number | null;
  readonly endedAs: string | null;
}

/** A version joined with its uses. */
export interface VersionRow extends VersionTimes {
  readonly id: string;
  readonly credentialKey: number;
  readonly number: number;
  readonly createdAt: number;
  readonly supersedeGraceMs: number | null;
  readonly destinations: string;
  readonly delivery: string | null;
  readonly firstUsedAt: number | null;
  readonly lastUsedAt: number | null;
  readonly lastUsedFrom: string | null;
  readonly receivedAt: number | null;
  readonly retiredBy: number | null;
  readonly retiresBefore: number | null;
}

/**
 * SQL expression for a time of use: null for values that are no valid date, so that a bad one does not make the row
 * unreadable. A server's login writes these columns.
 */
export const useTime = (column: string): string =>
  `case when ${column} between 0 and ${LAST_TIME} then ${column} end`;

/** The columns of a credential `c` with {@link CREDENTIAL_JOINS}. */
export const CREDENTIAL = selected<CredentialRow>({
  id: 'c.id',
  name: 'c.name',
  nameKey: 'c.name_key',
  type: 'c.type',
  status: 'c.status',
  clientId: 'c.client_id',
  scopes: 'c.scopes',
  labels: 'c.labels',
  description: 'c.description',
  createdAt: 'c.created_at',
  createdBy: 'c.created_by',
  updatedAt: 'c.updated_at',
  revision: 'c.revision',
  expiresAt: 'c.expires_at',
  rotateEvery: 'c.rotate_every',
  rotateEveryMs: 'c.rotate_every_ms',
  rotationDueAt: 'c.rotation_due_at',
  lastUsedAt: useTime('u.last_used_at'),
  ownerId: 'o.id',
  ownerName: 'o.name',
  ownerKind: 'o.kind',
  ownerStatus: 'o.status',
  key: 'c.key',
  lastUsedFrom: 'u.last_used_from',
  canary: 'c.canary',
});

/** Joins a credential `c` with its owner `o` and its last use `u`. */
export const CREDENTIAL_JOINS = `left join owner o on o.id = c.owner_id
  left join last_use u on u.credential_key = c.key and u.number = 0`;

/** The columns of {@link VersionTimes} of a version `v`. */
export const VERSION_TIMES = {
  deliveredAt: 'v.delivered_at',
  lapsesAt: 'v.lapses_at',
  retiresAt: 'v.retires_at',
  revokedAt: 'v.revoked_at',
  endedAt: 'v.ended_at',
  endedAs: 'v.ended_as',
} as const satisfies Record<keyof VersionTimes, string>;

/** The columns of a version `v` with {@link VERSION_JOINS}. */
export const VERSION = selected<VersionRow>({
  id: 'v.id',
  credentialKey: 'v.credential_key',
  number: 'v.number',
  createdAt: 'v.created_at',
  ...VERSION_TIMES,
  supersedeGraceMs: 'v.supersede_grace_ms',
  destinations: 'v.destinations',
  delivery: 'v.delivery',
  firstUsedAt: useTime('w.first_used_at'),
  lastUsedAt: useTime('w.last_used_at'),
  lastUsedFrom: 'w.last_used_from',
  receivedAt: 'v.received_at',
  retiredBy: 'v.retired_by',
  retiresBefore: 'v.retires_before',
});

/** Joins a version `v` with its uses `w`. */
export const VERSION_JOINS =
  'left join last_use w on w.credential_key = v.credential_key and w.number = v.number';

/**
 * Join of a hash `h` with its version `v`. Comparing the ids excludes rows left behind by a deletion, even if their
 * number is reused.
 */
export const VERSION_OF_HASH =
  'join version v on v.credential_key = h.credential_key and v.number = h.number and v.id = h.version_id';

/**
 * Converts a row.
 *
 * @param catalog one whose aliases are applied to the scopes; null to leave them as stored
 * @throws CredctlError `integrity` for unreadable columns
 */
export function toCredential(
  row: CredentialRow,
  versions: readonly Version[],
  catalog: Catalog | null,
): Credential {
  const { rotateEvery, rotateEveryMs, ownerId, ownerName } = row;
  return {
    id: row.id,
    name: row.name,
    type: row.type as CredentialType,
    status: row.status as ActiveStatus,
    clientId: row.clientId,
    ...scopesOfStored(catalog, parseTexts(row.scopes, 'list of scopes')),
    owner:
      ownerId === null || ownerName === null
        ? null
        : {
            id: ownerId,
            name: ownerName,
            kind: row.ownerKind as OwnerKind,
            status: row.ownerStatus as ActiveStatus,
          },
    description: row.description,
    labels: parseLabels(row.labels),
    createdAt: time(row.createdAt),
    createdBy: row.createdBy,
    updatedAt: time(row.updatedAt),
    revision: row.revision,
    expiresAt: timeOrNull(row.expiresAt),
    rotateEvery:
      rotateEvery === null || rotateEveryMs === null ? null : { text: rotateEvery, ms: rotateEveryMs },
    rotationDueAt: timeOrNull(row.rotationDueAt),
    lastUsedAt: timeOfUse(row.lastUsedAt),
    lastUsedFrom: row.lastUsedFrom,
    canary: row.canary === 1,
    versions,
  };
}

/**
 * Converts a row.
 *
 * @throws CredctlError `integrity` for unreadable columns
 */
export function toVersion(row: VersionRow, credentialId: string): Version {
  const { endedAt, retiredBy, supersedeGraceMs } = row;
  return {
    id: row.id,
    credentialId,
    number: row.number,
    createdAt: time(row.createdAt),
    deliveredAt: timeOrNull(row.deliveredAt),
    lapsesAt: timeOrNull(row.lapsesAt),
    retiresAt: timeOrNull(row.retiresAt),
    revokedAt: timeOrNull(row.revokedAt),
    ended: endedAt === null ? null : { at: endedAt, as: row.endedAs === 'lapsed' ? 'lapsed' : 'retired' },
    firstUsedAt: timeOrNull(row.firstUsedAt),
    receivedAt: timeOrNull(row.receivedAt),
    lastUsedAt: timeOfUse(row.lastUsedAt),
    lastUsedFrom: row.lastUsedFrom,
    superseded: retiredBy === null ? null : { by: retiredBy, retiresBefore: timeOrNull(row.retiresBefore) },
    supersede: supersedeGraceMs === null ? { kind: 'revoke' } : { kind: 'grace', ms: supersedeGraceMs },
    destinations: row.destinations.split(',').filter(isDestinationKind),
    delivery: row.delivery === null ? null : parseDelivery(row.delivery),
  };
}

/** The stored time 0 means never used. */
function timeOfUse(value: number | null): number | null {
  return value === 0 ? null : timeOrNull(value);
}

function isDestinationKind(text: string): text is DestinationKind {
  return text === 'stdout' || text === 'keychain' || text === 'file' || text === 'command';
}

/**
 * Parses a stored delivery record.
 *
 * @throws CredctlError `integrity`
 */
export function parseDelivery(text: string): DeliveryRecord {
  const record = parseStored(text, 'delivery record') as Partial<DeliveryRecord> | null;
  if (typeof record?.deliverBy === 'number' && typeof record.process?.pid === 'number')
    return record as DeliveryRecord;
  throw altered('delivery record');
}
