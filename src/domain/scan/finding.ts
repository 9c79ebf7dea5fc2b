import type { Credential } from '../credential/credential.js';
import { type Evidence, type FormerCredential, judge } from '../credential/verdict.js';
import type { Version } from '../credential/version.js';
import type { ParsedSecret } from '../secret/secret-format.js';
import type { Place } from './place.js';

/** Why a secret that the store knows does not authenticate. */
export type DeadReason = 'version_retired' | 'inactive' | 'owner_inactive' | 'expired' | 'canary' | 'deleted';

/**
 * What the store says of a secret: `live` authenticates; `dead` is right and does not, or its credential is deleted;
 * `forged` has a known handle and another secret; `foreign` is of another store; `unchecked` was not looked up.
 */
export type Standing =
  | { readonly state: 'live'; readonly credential: Credential; readonly version: Version }
  | {
      readonly state: 'dead';
      readonly reason: Exclude<DeadReason, 'deleted'>;
      readonly credential: Credential;
      readonly version: Version;
    }
  | { readonly state: 'dead'; readonly reason: 'deleted'; readonly credential: FormerCredential }
  | { readonly state: 'forged'; readonly credential: Credential; readonly version: Version }
  | { readonly state: 'foreign' }
  | { readonly state: 'unchecked' };

/** What follows from the row that a handle leads to. */
export type Judged =
  | { readonly state: 'live' | 'forged' | 'foreign' }
  | { readonly state: 'dead'; readonly reason: Exclude<DeadReason, 'deleted'> };

/**
 * Judges what was found by a handle. Handles are public and a checksum can be computed by anyone, so only a comparison
 * with the hash tells a secret from a forgery.
 *
 * @param isRight whether the secret is that of the row
 * @param now epoch milliseconds
 */
export function judgeFound(found: Evidence, isRight: boolean, now: number): Judged {
  if (!isRight) return { state: 'forged' };
  // What it may do does not matter: a secret without scopes authenticates, and may be given some.
  const reason = judge(found, now, () => ['any']);
  if (reason === null || reason === 'insufficient_scope') return { state: 'live' };
  return reason === 'unknown' ? { state: 'foreign' } : { state: 'dead', reason };
}

/** The states, those first that need something to be done. */
export const STATES = [
  'live',
  'unchecked',
  'dead',
  'forged',
  'foreign',
] as const satisfies readonly Standing['state'][];

/** A secret, with every place where it was found. */
export interface Sought {
  readonly secret: ParsedSecret;
  readonly places: readonly Place[];
}

/** A secret that was found, and what it is. */
export interface ScanFinding extends Sought {
  readonly standing: Standing;
}

/** Gathers places by secret, in the order in which the secrets were found first. */
export class FoundSecrets {
  readonly #bySecret = new Map<string, { secret: ParsedSecret; places: Place[] }>();

  add(secret: ParsedSecret, place: Place): void {
    const key = secret.handle + secret.secret;
    const known = this.#bySecret.get(key);
    if (known === undefined) this.#bySecret.set(key, { secret, places: [place] });
    else known.places.push(place);
  }

  all(): readonly Sought[] {
    return [...this.#bySecret.values()];
  }
}

/** The findings in order of urgency: by state, then as they were found. */
export function byUrgency(findings: readonly ScanFinding[]): readonly ScanFinding[] {
  return STATES.flatMap((state) => findings.filter(({ standing }) => standing.state === state));
}
