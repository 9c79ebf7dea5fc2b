import type { CredentialType } from '../domain/catalog.js';
import type { ActiveStatus, Credential, OwnerKind, OwnerSummary } from '../domain/credential.js';
import { CredctlError } from '../domain/errors.js';
import type { HashPolicy } from '../domain/ports.js';
import type { AccessToken, StoreSettings } from '../domain/store-port.js';
import type { DeliveryRecord, DestinationKind, Version } from '../domain/version.js';
import type { AccessTokenTable, CredentialTable, OwnerTable, StoreTable, VersionTable } from './schema.js';

/** A credential joined with its owner and its last use. */
export interface CredentialRow extends CredentialTable {
  owner_name: string | null;
  owner_kind: string | null;
  owner_status: string | null;
  last_used_at: number | null;
}

/** A version joined with its uses. */
export interface VersionRow extends VersionTable {
  first_used_at: number | null;
  last_used_at: number | null;
}

/** An owner with the count of its credentials. */
export interface OwnerRow extends OwnerTable {
  credentials: number;
}

export const CREDENTIAL_COLUMNS = `c.*, o.name as owner_name, o.kind as owner_kind, o.status as owner_status,
  u.last_used_at as last_used_at`;

export const CREDENTIAL_JOINS = `left join owner o on o.id = c.owner_id
  left join credential_use u on u.credential_id = c.id`;

export const VERSION_COLUMNS = 'v.*, w.first_used_at as first_used_at, w.last_used_at as last_used_at';

export const VERSION_JOINS = 'left join version_use w on w.version_id = v.id';

/** What is in the store cannot have been written by this program. */
export function altered(what: string, cause?: unknown): CredctlError {
  return new CredctlError('integrity', `the store holds an unreadable ${what}`, {
    hint: "run 'credctl store check' to see what else is damaged",
    cause,
  });
}

/** A stored text that should be JSON; anything else means that the store was altered. */
export function parseStored(text: string, what: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw altered(what, cause);
  }
}

/** A stored list of texts, such as scopes. */
export function parseTexts(text: string, what: string): readonly string[] {
  const list = parseStored(text, what);
  if (Array.isArray(list) && list.every((entry) => typeof entry === 'string')) return list;
  throw altered(what);
}

/** A stored set of labels. */
export function parseLabels(text: string): ReadonlyMap<string, string> {
  const labels = parseStored(text, 'set of labels');
  if (typeof labels !== 'object' || labels === null || Array.isArray(labels)) throw altered('set of labels');
  return new Map(
    Object.entries(labels).map(([key, value]) => {
      if (typeof value !== 'string') throw altered('set of labels');
      return [key, value];
    }),
  );
}

function parseDelivery(text: string): DeliveryRecord {
  const record = parseStored(text, 'delivery record') as Partial<DeliveryRecord> | null;
  if (typeof record?.deliverBy === 'number' && typeof record.process?.pid === 'number')
    return record as DeliveryRecord;
  throw altered('delivery record');
}

/** The last millisecond that a date can be: 275760-09-13. */
const LAST_TIME = 8_640_000_000_000_000;

/** A stored time in epoch milliseconds. */
function time(value: number): number {
  if (Number.isSafeInteger(value) && value >= 0 && value <= LAST_TIME) return value;
  throw altered('time');
}

function timeOrNull(value: number | null): number | null {
  return value === null ? null : time(value);
}

export function toSettings(row: StoreTable): StoreSettings {
  return {
    id: row.store_id,
    prefix: row.prefix,
    hashPolicy: toHashPolicy(row),
    createdAt: time(row.created_at),
  };
}

function toHashPolicy(row: StoreTable): HashPolicy {
  if (row.hash_scheme === 'bcrypt' && row.bcrypt_cost !== null)
    return { scheme: 'bcrypt', cost: row.bcrypt_cost };
  if (row.hash_scheme === 'sha256') return { scheme: 'sha256' };
  throw altered('hash policy');
}

export function toCredential(row: CredentialRow, versions: readonly Version[]): Credential {
  return {
    id: row.id,
    name: row.name,
    type: row.type as CredentialType,
    status: row.status as ActiveStatus,
    clientId: row.client_id,
    scopes: parseTexts(row.scopes, 'list of scopes'),
    owner: toOwnerReference(row),
    description: row.description,
    labels: parseLabels(row.labels),
    createdAt: time(row.created_at),
    createdBy: row.created_by,
    updatedAt: time(row.updated_at),
    revision: row.revision,
    expiresAt: timeOrNull(row.expires_at),
    rotateEvery:
      row.rotate_every === null || row.rotate_every_ms === null
        ? null
        : { text: row.rotate_every, ms: row.rotate_every_ms },
    rotationDueAt: timeOrNull(row.rotation_due_at),
    lastUsedAt: row.last_used_at === 0 ? null : timeOrNull(row.last_used_at),
    versions,
  };
}

function toOwnerReference(row: CredentialRow): Credential['owner'] {
  if (row.owner_id === null || row.owner_name === null) return null;
  return {
    id: row.owner_id,
    name: row.owner_name,
    kind: row.owner_kind as OwnerKind,
    status: row.owner_status as ActiveStatus,
  };
}

export function toVersion(row: VersionRow): Version {
  return {
    id: row.id,
    credentialId: row.credential_id,
    number: row.number,
    createdAt: time(row.created_at),
    deliveredAt: timeOrNull(row.delivered_at),
    lapsesAt: timeOrNull(row.lapses_at),
    retiresAt: timeOrNull(row.retires_at),
    revokedAt: timeOrNull(row.revoked_at),
    ended:
      row.ended_at === null
        ? null
        : { at: row.ended_at, as: row.ended_as === 'lapsed' ? 'lapsed' : 'retired' },
    firstUsedAt: timeOrNull(row.first_used_at),
    lastUsedAt: timeOrNull(row.last_used_at),
    supersede:
      row.supersede_grace_ms === null ? { kind: 'revoke' } : { kind: 'grace', ms: row.supersede_grace_ms },
    destinations: row.destinations.split(',').filter(isDestinationKind),
    delivery: row.delivery === null ? null : parseDelivery(row.delivery),
  };
}

function isDestinationKind(text: string): text is DestinationKind {
  return text === 'stdout' || text === 'keychain' || text === 'file' || text === 'command';
}

export function toOwner(row: OwnerRow): OwnerSummary {
  return {
    id: row.id,
    name: row.name,
    kind: row.kind as OwnerKind,
    status: row.status as ActiveStatus,
    createdAt: time(row.created_at),
    createdBy: row.created_by,
    updatedAt: time(row.updated_at),
    credentials: row.credentials,
  };
}

export function toToken(row: AccessTokenTable): AccessToken {
  return {
    id: row.id,
    credentialId: row.credential_id,
    versionId: row.version_id,
    digest: row.digest,
    scopes: parseTexts(row.scopes, 'list of scopes'),
    issuedAt: time(row.issued_at),
    expiresAt: time(row.expires_at),
  };
}
