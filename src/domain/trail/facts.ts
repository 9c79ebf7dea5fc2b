import type { AuditAction } from '../audit-event.js';
import type { Version } from '../credential/version.js';
import type { CredentialPatch, NewCredential, VersionPatch } from '../ports/store-port.js';

/** New values of one version in an event; absent fields are unchanged. Times are epoch milliseconds. */
export interface VersionFacts {
  readonly number?: number;
  /** SHA-256 of the stored hash string, in hex; null where there is no hash. */
  readonly sha256?: string | null;
  readonly delivered_at?: number | null;
  readonly lapses_at?: number | null;
  readonly retires_at?: number | null;
  readonly revoked_at?: number | null;
  readonly lapsed?: boolean;
}

/**
 * New values of a credential, in the detail `facts` of an event. Fields that other details of the event record
 * are omitted.
 */
export interface Facts {
  readonly name?: string;
  readonly type?: string;
  readonly status?: string;
  readonly client_id?: string | null;
  readonly scopes?: readonly string[];
  readonly owner_id?: string | null;
  readonly expires_at?: number | null;
  /** Present for a canary alone. */
  readonly canary?: true;
  /** By version id. */
  readonly versions?: { readonly [id: string]: VersionFacts };
}

/** Fields that other details of an event record. */
const TOLD: Partial<Record<AuditAction, readonly (keyof Facts)[]>> = {
  'credential.create': ['name', 'type', 'status', 'client_id', 'scopes', 'expires_at', 'canary'],
  'credential.edit': ['name', 'scopes', 'expires_at'],
  'credential.activate': ['status'],
  'credential.deactivate': ['status'],
};

/** The facts that an event of this action must carry in addition. */
export function untold(action: AuditAction, facts: Facts): Facts {
  const told: readonly string[] = TOLD[action] ?? [];
  return Object.fromEntries(Object.entries(facts).filter(([field]) => !told.includes(field)));
}

/** The facts of a new credential. */
export function factsOfNew(credential: NewCredential): Facts {
  return {
    name: credential.name,
    type: credential.type,
    status: credential.status,
    client_id: credential.clientId,
    scopes: credential.scopes,
    owner_id: credential.ownerId,
    expires_at: credential.expiresAt,
    ...(credential.canary ? { canary: true } : {}),
  };
}

/** The facts of a change of a credential. */
export function factsOfPatch({ name, status, scopes, ownerId, expiresAt }: CredentialPatch): Facts {
  return {
    ...(name === undefined ? {} : { name }),
    ...(status === undefined ? {} : { status }),
    ...(scopes === undefined ? {} : { scopes }),
    ...(ownerId === undefined ? {} : { owner_id: ownerId }),
    ...(expiresAt === undefined ? {} : { expires_at: expiresAt }),
  };
}

/** @param sha256 SHA-256 of the stored hash string, in hex */
export function factsOfVersion(version: Version, sha256: string): VersionFacts {
  const { number, deliveredAt, lapsesAt, retiresAt, revokedAt } = version;
  return {
    number,
    sha256,
    lapses_at: lapsesAt,
    ...(deliveredAt === null ? {} : { delivered_at: deliveredAt }),
    ...(retiresAt === null ? {} : { retires_at: retiresAt }),
    ...(revokedAt === null ? {} : { revoked_at: revokedAt }),
  };
}

/**
 * The facts of a change of a version that affect whether it works. The lapse deadline is not among them: proof
 * of receipt clears it without an event.
 */
export function factsOfVersionPatch({ deliveredAt, retiresAt, revokedAt }: VersionPatch): VersionFacts {
  return {
    ...(deliveredAt === undefined ? {} : { delivered_at: deliveredAt }),
    ...(retiresAt === undefined ? {} : { retires_at: retiresAt }),
    ...(revokedAt === undefined ? {} : { revoked_at: revokedAt }),
  };
}
