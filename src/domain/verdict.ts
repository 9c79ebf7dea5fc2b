import { type Credential, isExpired } from './credential.js';
import { authenticates, type Version, type VersionTimes } from './version.js';

/** Why a presented secret is refused; the first that applies, in this order. */
export type RefusalReason =
  | 'malformed'
  | 'unknown'
  | 'wrong_secret'
  | 'version_retired'
  | 'inactive'
  | 'owner_inactive'
  | 'expired'
  | 'insufficient_scope';

/** The answer to "is this credential good?". A refusal is an expected outcome, not an error. */
export type Verdict =
  | { readonly valid: true; readonly credential: Credential; readonly version: Version }
  | { readonly valid: false; readonly reason: RefusalReason };

/** A refusal for the given reason. */
export function refused(reason: RefusalReason): Verdict {
  return { valid: false, reason };
}

/** What of a credential decides whether it may be used. */
export type JudgedCredential = Pick<Credential, 'status' | 'expiresAt'> & {
  readonly owner: Pick<NonNullable<Credential['owner']>, 'status'> | null;
};

/**
 * Why a credential whose secret has been proven right may not be used, scopes left aside; null when it may.
 *
 * @param now epoch milliseconds
 */
export function refusalOf(
  credential: JudgedCredential,
  version: VersionTimes,
  now: number,
): RefusalReason | null {
  if (!authenticates(version, now)) return 'version_retired';
  if (credential.status === 'inactive') return 'inactive';
  if (credential.owner?.status === 'inactive') return 'owner_inactive';
  return isExpired(credential, now) ? 'expired' : null;
}

/**
 * Judges a credential whose secret has been proven right.
 *
 * @param now epoch milliseconds
 * @param hasScopes whether what is held covers what is required
 */
export function judge(credential: Credential, version: Version, now: number, hasScopes: boolean): Verdict {
  const reason = refusalOf(credential, version, now) ?? (hasScopes ? null : 'insufficient_scope');
  return reason === null ? { valid: true, credential, version } : refused(reason);
}
