import { coverAll, type RefusalReason } from '../../domain/credential/verdict.js';
import type { ServedCredential, ServedVersion } from '../../domain/ports/serving-port.js';
import type { AccessToken } from '../../domain/ports/store-port.js';
import type { Catalog } from '../../domain/scope/catalog.js';

/** An authenticated caller: a valid secret and what it may do. Times are epoch milliseconds. */
export interface Principal {
  readonly credential: ServedCredential;
  readonly version: ServedVersion['version'];
  /** The access token that was presented; null for an API key or a client secret. */
  readonly token: AccessToken | null;
  /** Effective scopes at this moment. */
  readonly scopes: readonly string[];
  /** The catalog that the scopes refer to. */
  readonly catalog: Catalog;
  /** The prefix of the store's secrets. */
  readonly prefix: string;
}

/** The answer to a presented secret: a principal or a denial. */
export type Answer = Accepted | Denial;

/** The principal of an accepted secret. */
export type Accepted = { readonly accepted: true } & Principal;

/** Why a secret was refused, which is not disclosed to the caller. */
export type Denial = Refused | Throttled;

/** A denial by a verdict. */
export interface Refused {
  readonly accepted: false;
  readonly reason: RefusalReason;
  /** The name of the credential, of a secret that is right. */
  readonly name?: string;
}

/** A denial by the throttle, with the wait in milliseconds that it imposes. */
export interface Throttled {
  readonly accepted: false;
  readonly reason: 'throttled';
  readonly waitMs: number;
}

/**
 * A denial for this reason; a canary is refused as unknown, also in logs and figures that clients may see.
 *
 * @param holder the credential of a secret that is right
 */
export function denied(reason: RefusalReason, holder: { readonly name: string } | null = null): Denial {
  if (reason === 'canary') return { accepted: false, reason: 'unknown' };
  return { accepted: false, reason, ...(holder === null ? {} : { name: holder.name }) };
}

/** A denial by the throttle, with the wait in milliseconds. */
export function throttled(waitMs: number): Denial {
  return { accepted: false, reason: 'throttled', waitMs };
}

/** Whether the principal covers all of these scopes, which {@link parseRequirement} has accepted. */
export function coversAll({ catalog, scopes }: Principal, required: readonly string[]): boolean {
  return coverAll(catalog, scopes, required);
}

/** The earliest of the ends of token, credential and grace, in epoch milliseconds; null for never. */
export function endOf({
  credential,
  version,
  token,
}: Pick<Principal, 'credential' | 'version' | 'token'>): number | null {
  const ends = [token?.expiresAt, credential.expiresAt, version.retiresAt].filter(
    (end) => typeof end === 'number',
  );
  return ends.length === 0 ? null : Math.min(...ends);
}
