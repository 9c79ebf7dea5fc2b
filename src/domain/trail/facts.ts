import type { AuditAction } from '../audit-event.js';
import type { Version } from '../credential/version.js';
import type { CredentialPatch, NewCredential, VersionPatch } from '../ports/store-port.js';

/** What an event makes true of one version; what is absent stays as it was. Times are epoch milliseconds. */
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
 * What an event makes true of its credential, as the detail `facts` of the event has it. Type, scopes and the like are
 * in it only where no other detail of the event tells them.
 */
export interface Facts {
  readonly name?: string;
  readonly type?: string;
  readonly status?: string;
  readonly client_id?: string | null;
  readonly scopes?: readonly string[];
  readonly owner_id?: string | null;
  readonly expires_at?: number | null;
  /** By the ids of the versions. */
  readonly versions?: { readonly [id: string]: VersionFacts };
}

/** What the other details of an event tell. */
const TOLD: Partial<Record<AuditAction, readonly (keyof Facts)[]>> = {
  'credential.create': ['name', 'type', 'status', 'client_id', 'scopes', 'expires_at'],
  'credential.edit': ['name', 'scopes', 'expires_at'],
  'credential.activate': ['status'],
  'credential.deactivate': ['status'],
};

/** The facts that an event of this kind has to carry besides. */
export function untold(action: AuditAction, facts: Facts): Facts {
  const told: readonly string[] = TOLD[action] ?? [];
  return Object.fromEntries(Object.entries(facts).filter(([field]) => !told.includes(field)));
}

export function factsOfNew(credential: NewCredential): Facts {
  return {
    name: credential.name,
    type: credential.type,
    status: credential.status,
    client_id: credential.clientId,
    scopes: credential.scopes,
    owner_id: credential.ownerId,
    expires_at: credential.expiresAt,
  };
}

export function factsOfPatch({ name, status, scopes, ownerId, expiresAt }: CredentialPatch): Facts {
  return {
    ...(name === undefined ? {} : { name }),
    ...(status === undefined ? {} : { status }),
    ...(scopes === undefined ? {} : { scopes }),
    ...(ownerId === undefined ? {} : { owner_id: ownerId }),
    ...(expiresAt === undefined ? {} : { expires_at: expiresAt }),
  };
}

/** @param sha256 of its stored hash */
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
 * Of a change of a version, what decides whether it works. When it would lapse is not among it: that is taken back, without
 * an event, for whoever turns out to have received it.
 */
export function factsOfVersionPatch({ deliveredAt, retiresAt, revokedAt }: VersionPatch): VersionFacts {
  return {
    ...(deliveredAt === undefined ? {} : { delivered_at: deliveredAt }),
    ...(retiresAt === undefined ? {} : { retires_at: retiresAt }),
    ...(revokedAt === undefined ? {} : { revoked_at: revokedAt }),
  };
}
