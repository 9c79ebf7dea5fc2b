import { type Credential, isExpired } from './credential.js';
import { authenticates, type Version } from './version.js';

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

/**
 * Judges a credential whose secret has been proven right.
 *
 * @param now epoch milliseconds
 * @param hasScopes whether what is held covers what is required
 */
export function judge(credential: Credential, version: Version, now: number, hasScopes: boolean): Verdict {
  if (!authenticates(version, now)) return refused('version_retired');
  if (credential.status === 'inactive') return refused('inactive');
  if (credential.owner?.status === 'inactive') return refused('owner_inactive');
  if (isExpired(credential, now)) return refused('expired');
  if (!hasScopes) return refused('insufficient_scope');
  return { valid: true, credential, version };
}
