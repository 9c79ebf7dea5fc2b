import type { Catalog } from '../scope/catalog.js';
import { presentScopes } from '../scope/present-scopes.js';
import { satisfiesAll, tokenLifetime } from '../scope/scope.js';
import { sharedScopes } from '../scope/shared-scopes.js';
import { type Credential, isExpired, storedScopesOf } from './credential.js';
import { authenticates, type Version, type VersionTimes } from './version.js';

/** Reasons for a refusal, in order of precedence. */
export type RefusalReason =
  | 'malformed'
  | 'deleted'
  | 'unknown'
  | 'wrong_secret'
  | 'version_retired'
  | 'inactive'
  | 'owner_inactive'
  | 'expired'
  | 'canary'
  | 'insufficient_scope';

/** The deleted credential of a presented secret. */
export interface FormerCredential {
  readonly id: string;
  /** Its last name; null where the trail does not record it. */
  readonly name: string | null;
  /** Epoch milliseconds. */
  readonly deletedAt: number;
}

/** Result of verifying a presented secret. A refusal is an expected outcome, not an error. */
export type Verdict =
  | {
      readonly valid: true;
      readonly credential: Credential;
      readonly version: Version;
      /** Effective scopes of the secret or token at this moment. */
      readonly scopes: readonly string[];
    }
  | { readonly valid: false; readonly reason: 'deleted'; readonly credential: FormerCredential }
  | { readonly valid: false; readonly reason: Exclude<RefusalReason, 'deleted'> };

/** A refusal for the given reason. */
export function refused(reason: Exclude<RefusalReason, 'deleted'>): Verdict & { readonly valid: false } {
  return { valid: false, reason };
}

/** A presented secret or token that was compared successfully, with all that decides about its use. */
export interface Evidence {
  readonly credential: Pick<Credential, 'type' | 'status' | 'expiresAt' | 'canary'> & {
    readonly owner: Pick<NonNullable<Credential['owner']>, 'status'> | null;
  };
  readonly version: VersionTimes;
  /** The access token, as {@link limitedToken} returns it; null for an API key or a client secret. */
  readonly token: { readonly issuedAt: number; readonly expiresAt: number } | null;
}

/** Reasons to refuse a secret that was compared successfully. */
export type Stop = Extract<
  RefusalReason,
  'unknown' | 'version_retired' | 'inactive' | 'owner_inactive' | 'expired' | 'canary' | 'insufficient_scope'
>;

/**
 * Judges a secret or token after a successful comparison; shared by command line, server and library.
 *
 * @param now epoch milliseconds
 * @param held computes the effective scopes ({@link scopesHeld}); called only where all other checks pass
 * @param isEnough whether these cover the required scopes
 * @returns null when it may be used
 */
export function judge(
  evidence: Evidence,
  now: number,
  held: () => readonly string[],
  isEnough: (scopes: readonly string[]) => boolean = () => true,
): Stop | null {
  const { credential, version, token } = evidence;
  // Tokens are issued to OAuth 2.0 clients only.
  if (token !== null && credential.type !== 'oauth2') return 'unknown';
  if (!authenticates(version, now)) return 'version_retired';
  if (credential.status === 'inactive') return 'inactive';
  if (credential.owner?.status === 'inactive') return 'owner_inactive';
  if (isExpired(credential, now) || (token !== null && !isInForce(token, now))) return 'expired';
  if (credential.canary) return 'canary';
  const scopes = held();
  return scopes.length > 0 && isEnough(scopes) ? null : 'insufficient_scope';
}

/** Tolerated clock skew of the token's issuer, in milliseconds. */
const TOLERATED_AHEAD_MS = 60_000;

function isInForce(token: NonNullable<Evidence['token']>, now: number): boolean {
  return token.expiresAt > now && token.issuedAt <= now + TOLERATED_AHEAD_MS;
}

/**
 * Caps a token at its issue time plus the lifetime that the catalog gives its scopes now, so that a shortened
 * lifetime takes effect at once.
 */
export function limitedToken<
  T extends { readonly issuedAt: number; readonly expiresAt: number; readonly scopes: readonly string[] },
>(catalog: Catalog, token: T): T {
  return endingWith(token, tokenLifetime(catalog, token.scopes));
}

/**
 * As {@link limitedToken}, for a known lifetime.
 *
 * @param lifetime seconds
 */
export function endingWith<T extends { readonly issuedAt: number; readonly expiresAt: number }>(
  token: T,
  lifetime: number,
): T {
  const end = token.issuedAt + lifetime * 1_000;
  return token.expiresAt <= end ? token : { ...token, expiresAt: end };
}

/**
 * Effective scopes, by the ids that this catalog gives their APIs: those of the credential; for an access token,
 * the intersection with the scopes it was issued for.
 *
 * @param token null for an API key or a client secret
 */
export function scopesHeld(
  catalog: Catalog,
  credential: Pick<Credential, 'scopes' | 'storedScopes'>,
  token: { readonly scopes: readonly string[] } | null,
): readonly string[] {
  const stored = storedScopesOf(credential);
  return token === null ? presentScopes(catalog, stored) : sharedScopes(catalog, token.scopes, stored);
}

/** Whether scopes cover all required ones, which have been checked against the catalog. */
export function coverAll(catalog: Catalog, scopes: readonly string[], required: readonly string[]): boolean {
  return satisfiesAll(catalog, scopes, required);
}
