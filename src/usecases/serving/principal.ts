import { coverAll, type RefusalReason } from '../../domain/credential/verdict.js';
import type { ServedCredential, ServedVersion } from '../../domain/ports/serving-port.js';
import type { AccessToken } from '../../domain/ports/store-port.js';
import type { Catalog } from '../../domain/scope/catalog.js';

/** A presented secret that is good, and what it is good for. Times are epoch milliseconds. */
export interface Principal {
  readonly credential: ServedCredential;
  readonly version: ServedVersion['version'];
  /** The access token that was presented; null for an API key or a client secret. */
  readonly token: AccessToken | null;
  /** What may be done with it at this moment. */
  readonly scopes: readonly string[];
  /** The catalog that the scopes are to be read by. */
  readonly catalog: Catalog;
  /** The prefix of the store's secrets. */
  readonly prefix: string;
}

/** The answer to a presented secret. */
export type Answer = ({ readonly granted: true } & Principal) | Denial;

/** Why a secret is not accepted, which its holder is not told; or how long until it will be looked at. */
export type Denial =
  | { readonly granted: false; readonly reason: RefusalReason }
  | { readonly granted: false; readonly reason: 'throttled'; readonly waitMs: number };

export function denied(reason: RefusalReason): Denial {
  return { granted: false, reason };
}

export function throttled(waitMs: number): Denial {
  return { granted: false, reason: 'throttled', waitMs };
}

/** Whether the grant covers all of these scopes, which {@link parseRequirement} has accepted. */
export function coversAll({ catalog, scopes }: Principal, required: readonly string[]): boolean {
  return coverAll(catalog, scopes, required);
}

/** When a grant ends by itself: the token's time, the credential's, or the end of the version's grace; or never. */
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
