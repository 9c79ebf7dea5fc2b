import type { CredentialType } from '../scope/catalog.js';
import { newestReceived, type Version } from './version.js';

/** Activation of a credential or an owner. */
export type ActiveStatus = 'active' | 'inactive';

/** Displayed statuses of a credential; of those that do not authenticate, the first that applies. */
export const CREDENTIAL_STATUSES = ['active', 'inactive', 'owner_inactive', 'expired', 'canary'] as const;

/** Displayed status of a credential: one of {@link CREDENTIAL_STATUSES}. */
export type CredentialStatus = (typeof CREDENTIAL_STATUSES)[number];

/** Kind of owner. */
export type OwnerKind = 'service' | 'user';

/** Every kind of owner. */
export const OWNER_KINDS: readonly OwnerKind[] = ['service', 'user'];

/** An owner as stored. Times are epoch milliseconds. */
export interface Owner {
  readonly id: string;
  readonly name: string;
  readonly kind: OwnerKind;
  readonly status: ActiveStatus;
  readonly createdAt: number;
  readonly createdBy: string;
  readonly updatedAt: number;
}

/** An owner with the number of its credentials. */
export interface OwnerSummary extends Owner {
  readonly credentials: number;
}

/** A credential (an API key or an OAuth 2.0 client) with its versions. Times are epoch milliseconds. */
export interface Credential {
  readonly id: string;
  readonly name: string;
  readonly type: CredentialType;
  readonly status: ActiveStatus;
  readonly clientId: string | null;
  /** By the ids that their APIs have today. */
  readonly scopes: readonly string[];
  /** The same as stored and as the audit trail tells, where some are under aliases. */
  readonly storedScopes?: readonly string[];
  readonly owner: Pick<Owner, 'id' | 'name' | 'kind' | 'status'> | null;
  readonly description: string | null;
  readonly labels: ReadonlyMap<string, string>;
  readonly createdAt: number;
  readonly createdBy: string;
  readonly updatedAt: number;
  readonly revision: number;
  readonly expiresAt: number | null;
  /** The rotation policy as given, such as `90d`, and its length in milliseconds. */
  readonly rotateEvery: { readonly text: string; readonly ms: number } | null;
  readonly rotationDueAt: number | null;
  readonly lastUsedAt: number | null;
  /** Address of the client of the last use; null where it is not known. */
  readonly lastUsedFrom: string | null;
  /** Whether it is a canary: it grants nothing, and a presentation of its secret is a leak. */
  readonly canary: boolean;
  /** Newest first: the ten newest, and every version that may still authenticate. */
  readonly versions: readonly Version[];
}

/** Its scopes as stored: by the ids that the APIs had when they were granted. */
export function storedScopesOf({
  scopes,
  storedScopes = scopes,
}: Pick<Credential, 'scopes' | 'storedScopes'>): readonly string[] {
  return storedScopes;
}

/**
 * The displayed status at `now` (epoch milliseconds), with the precedence of a verdict.
 *
 * @example
 * const { items } = await admin.list();
 * const expired = items.filter((credential) => credentialStatus(credential, Date.now()) === 'expired');
 */
export function credentialStatus(
  credential: Pick<Credential, 'status' | 'expiresAt' | 'canary'> & {
    readonly owner: Pick<Owner, 'status'> | null;
  },
  now: number,
): CredentialStatus {
  if (credential.status === 'inactive') return 'inactive';
  if (credential.owner?.status === 'inactive') return 'owner_inactive';
  if (isExpired(credential, now)) return 'expired';
  return credential.canary ? 'canary' : 'active';
}

/** Whether the credential's own expiry has passed at `now` (epoch milliseconds). */
export function isExpired(credential: Pick<Credential, 'expiresAt'>, now: number): boolean {
  return credential.expiresAt !== null && credential.expiresAt <= now;
}

/**
 * When the rotation policy requires the next version, counted from the newest received one, in epoch
 * milliseconds; null without a policy.
 */
export function rotationDueAt(
  policy: Credential['rotateEvery'],
  versions: readonly Version[],
): number | null {
  const newest = newestReceived(versions);
  return policy === null || newest === null ? null : newest.createdAt + policy.ms;
}
