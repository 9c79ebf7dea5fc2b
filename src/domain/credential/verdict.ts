import type { Catalog } from '../scope/catalog.js';
import { satisfiesAll, tokenLifetime } from '../scope/scope.js';
import { sharedScopes } from '../scope/shared-scopes.js';
import { type Credential, isExpired } from './credential.js';
import { authenticates, type Version, type VersionTimes } from './version.js';

/** Why a presented secret is refused; the first that applies, in this order. */
export type RefusalReason =
  | 'malformed'
  | 'deleted'
  | 'unknown'
  | 'wrong_secret'
  | 'version_retired'
  | 'inactive'
  | 'owner_inactive'
  | 'expired'
  | 'insufficient_scope';

/** Whose secret it was that was deleted. */
export interface FormerCredential {
  readonly id: string;
  /** Its last name; null where the trail does not tell. */
  readonly name: string | null;
  /** Epoch milliseconds. */
  readonly deletedAt: number;
}

/** The answer to "is this credential good?". A refusal is an expected outcome, not an error. */
export type Verdict =
  | {
      readonly valid: true;
      readonly credential: Credential;
      readonly version: Version;
      /** What may be done with the presented secret or token at this moment. */
      readonly scopes: readonly string[];
    }
  | { readonly valid: false; readonly reason: 'deleted'; readonly credential: FormerCredential }
  | { readonly valid: false; readonly reason: Exclude<RefusalReason, 'deleted'> };

/** A refusal for the given reason. */
export function refused(reason: Exclude<RefusalReason, 'deleted'>): Verdict & { readonly valid: false } {
  return { valid: false, reason };
}

/** A secret or a token that was found and proven right: what decides whether it may be used. */
export interface Evidence {
  readonly credential: Pick<Credential, 'type' | 'status' | 'expiresAt'> & {
    readonly owner: Pick<NonNullable<Credential['owner']>, 'status'> | null;
  };
  readonly version: VersionTimes;
  /** The access token that was presented, as {@link limitedToken} has it; null for an API key or a client secret. */
  readonly token: { readonly issuedAt: number; readonly expiresAt: number } | null;
}

/** Why a secret may not be used once it has been proven right. */
export type Stop = Extract<
  RefusalReason,
  'unknown' | 'version_retired' | 'inactive' | 'owner_inactive' | 'expired' | 'insufficient_scope'
>;

/**
 * Judges a secret or a token that has been proven right, for the command line, the server and the library alike.
 *
 * @param now epoch milliseconds
 * @param held what may be done with it, as {@link scopesHeld} says; asked only where all else is well
 * @param isEnough whether that covers what is required
 * @returns null when it is good
 */
export function judge(
  evidence: Evidence,
  now: number,
  held: () => readonly string[],
  isEnough: (scopes: readonly string[]) => boolean = () => true,
): Stop | null {
  const { credential, version, token } = evidence;
  // No API key is ever issued one.
  if (token !== null && credential.type !== 'oauth2') return 'unknown';
  if (!authenticates(version, now)) return 'version_retired';
  if (credential.status === 'inactive') return 'inactive';
  if (credential.owner?.status === 'inactive') return 'owner_inactive';
  if (isExpired(credential, now) || (token !== null && !isInForce(token, now))) return 'expired';
  const scopes = held();
  return scopes.length > 0 && isEnough(scopes) ? null : 'insufficient_scope';
}

/** How far the clock of the server that issued a token may be ahead, in milliseconds. */
const TOLERATED_AHEAD_MS = 60_000;

function isInForce(token: NonNullable<Evidence['token']>, now: number): boolean {
  return token.expiresAt > now && token.issuedAt <= now + TOLERATED_AHEAD_MS;
}

/**
 * A token as long as it may live: from its issue on for the lifetime that the catalog gives its scopes now, whatever end it
 * was stored with. A lifetime that was shortened counts at once.
 */
export function limitedToken<
  T extends { readonly issuedAt: number; readonly expiresAt: number; readonly scopes: readonly string[] },
>(catalog: Catalog, token: T): T {
  return endingWith(token, tokenLifetime(catalog, token.scopes));
}

/** The same where the lifetime is known. @param lifetime seconds */
export function endingWith<T extends { readonly issuedAt: number; readonly expiresAt: number }>(
  token: T,
  lifetime: number,
): T {
  const end = token.issuedAt + lifetime * 1_000;
  return token.expiresAt <= end ? token : { ...token, expiresAt: end };
}

/**
 * What may be done with a secret at this moment: all that its credential may do; with an access token, what it was
 * issued for as far as its client still holds that.
 *
 * @param token null for an API key or a client secret
 */
export function scopesHeld(
  catalog: Catalog,
  credential: Pick<Credential, 'scopes'>,
  token: { readonly scopes: readonly string[] } | null,
): readonly string[] {
  return token === null ? credential.scopes : sharedScopes(catalog, token.scopes, credential.scopes);
}

/** Whether scopes cover all that is required, which has been checked against the catalog. */
export function coverAll(catalog: Catalog, scopes: readonly string[], required: readonly string[]): boolean {
  return satisfiesAll(catalog, scopes, required);
}
