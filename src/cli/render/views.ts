import { AUDIT_ALG } from '../../domain/audit-event.js';
import { type Credential, credentialStatus, type OwnerSummary } from '../../domain/credential/credential.js';
import { authenticates, newestFirst, type Version, versionState } from '../../domain/credential/version.js';
import { formatInstant } from '../../domain/duration.js';
import type { RecordedEvent } from '../../domain/ports/store-port.js';
import { handleOf, kindOf } from '../../domain/secret/secret-format.js';

/** Maximum number of versions shown. */
const SHOWN_VERSIONS = 10;

/** A version in JSON documents. */
export type VersionView = ReturnType<typeof versionView>;

/**
 * A credential in JSON documents.
 *
 * @param prefix the store's, for the handles
 * @param now epoch milliseconds, for the states
 */
export function credentialView(credential: Credential, prefix: string, now: number) {
  return {
    id: credential.id,
    name: credential.name,
    type: credential.type,
    status: credentialStatus(credential, now),
    client_id: credential.clientId,
    scopes: credential.scopes,
    owner: credential.owner?.name ?? null,
    owner_status: credential.owner?.status ?? null,
    description: credential.description,
    labels: Object.fromEntries(credential.labels),
    created_at: formatInstant(credential.createdAt),
    created_by: credential.createdBy,
    updated_at: formatInstant(credential.updatedAt),
    revision: credential.revision,
    expires_at: timeOrNull(credential.expiresAt),
    rotate_every: credential.rotateEvery?.text ?? null,
    rotation_due_at: timeOrNull(credential.rotationDueAt),
    last_used_at: timeOrNull(credential.lastUsedAt),
    last_used_from: credential.lastUsedFrom,
    versions: shownVersions(credential.versions, now).map((version) =>
      versionView(credential, version, prefix, now),
    ),
    canary: credential.canary,
  };
}

/** The versions to show, newest first; versions that authenticate take precedence over ended ones. */
export function shownVersions(versions: readonly Version[], now: number): readonly Version[] {
  const live = versions.filter((version) => authenticates(version, now));
  const ended = versions.filter((version) => !authenticates(version, now));
  return newestFirst([...live, ...ended].slice(0, SHOWN_VERSIONS));
}

/** The handle in the secret of a version. */
export function handleOfVersion({ type }: Credential, { id }: Version, prefix: string): string {
  return handleOf(prefix, kindOf(type), id);
}

function versionView(credential: Credential, version: Version, prefix: string, now: number) {
  return {
    version: version.number,
    state: versionState(version, now),
    handle: handleOfVersion(credential, version, prefix),
    created_at: formatInstant(version.createdAt),
    delivered_at: timeOrNull(version.deliveredAt),
    lapses_at: timeOrNull(version.lapsesAt),
    retires_at: timeOrNull(version.retiresAt),
    revoked_at: timeOrNull(version.revokedAt),
    received_at: timeOrNull(version.receivedAt),
    first_used_at: timeOrNull(version.firstUsedAt),
    last_used_at: timeOrNull(version.lastUsedAt),
    last_used_from: version.lastUsedFrom,
  };
}

/** An owner in JSON documents. */
export function ownerView(owner: OwnerSummary) {
  return {
    name: owner.name,
    kind: owner.kind,
    status: owner.status,
    credentials: owner.credentials,
    created_at: formatInstant(owner.createdAt),
  };
}

/** An audit event in the documents of `audit` and `audit show`: with every member. */
export function eventView(recorded: RecordedEvent) {
  const { seq, at, actor, hash, alg = AUDIT_ALG, login = null, ...what } = exportedEvent(recorded);
  return { seq, at, actor, login, ...what, alg, hash };
}

/** An audit event as it is exported: without the members that it lacks, since its hash is of those that it has. */
export function exportedEvent({ event, hash }: RecordedEvent) {
  return {
    seq: event.seq,
    at: formatInstant(event.at),
    actor: event.actor,
    action: event.action,
    target: event.target,
    reason: event.reason,
    details: event.details,
    ...(event.alg === undefined ? {} : { alg: event.alg }),
    ...(event.login === undefined ? {} : { login: event.login }),
    hash,
  };
}

/** RFC 3339, or null. */
export function timeOrNull(time: number | null): string | null {
  return time === null ? null : formatInstant(time);
}
