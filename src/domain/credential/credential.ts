import type { CredentialType } from '../scope/catalog.js';
import { newestReceived, type Version } from './version.js';

/** Whether a credential or an owner is switched on. */
export type ActiveStatus = 'active' | 'inactive';

/** What a credential's status is said to be; `inactive` shows before `expired`. */
export type CredentialStatus = ActiveStatus | 'expired';

/** A principal that credentials belong to. */
export type OwnerKind = 'service' | 'user';

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

/** An owner with the number of credentials that belong to it. */
export interface OwnerSummary extends Owner {
  readonly credentials: number;
}

/** A named grant of access with its versions. Times are epoch milliseconds. */
export interface Credential {
  readonly id: string;
  readonly name: string;
  readonly type: CredentialType;
  readonly status: ActiveStatus;
  readonly clientId: string | null;
  readonly scopes: readonly string[];
  readonly owner: Pick<Owner, 'id' | 'name' | 'kind' | 'status'> | null;
  readonly description: string | null;
  readonly labels: ReadonlyMap<string, string>;
  readonly createdAt: number;
  readonly createdBy: string;
  readonly updatedAt: number;
  readonly revision: number;
  readonly expiresAt: number | null;
  /** The rotation policy as it was given, such as `90d`, with its length in milliseconds. */
  readonly rotateEvery: { readonly text: string; readonly ms: number } | null;
  readonly rotationDueAt: number | null;
  readonly lastUsedAt: number | null;
  /** The address of the client that used it last; null where it is not known. */
  readonly lastUsedFrom: string | null;
  /** Newest first: the ten newest, and every version that may still authenticate. */
  readonly versions: readonly Version[];
}

/**
 * The status to show at `now` (epoch milliseconds).
 *
 * @example
 * const { items } = await admin.list();
 * const expired = items.filter((credential) => credentialStatus(credential, Date.now()) === 'expired');
 */
export function credentialStatus(
  credential: Pick<Credential, 'status' | 'expiresAt'>,
  now: number,
): CredentialStatus {
  if (credential.status === 'inactive') return 'inactive';
  return isExpired(credential, now) ? 'expired' : 'active';
}

/** Whether the credential's own expiry has passed at `now` (epoch milliseconds). */
export function isExpired(credential: Pick<Credential, 'expiresAt'>, now: number): boolean {
  return credential.expiresAt !== null && credential.expiresAt <= now;
}

/** When the rotation policy asks for the next version, counted from the newest one that was received. */
export function rotationDueAt(
  policy: Credential['rotateEvery'],
  versions: readonly Version[],
): number | null {
  const newest = newestReceived(versions);
  return policy === null || newest === null ? null : newest.createdAt + policy.ms;
}
