import { type Credential, storedScopesOf } from '../../../domain/credential/credential.js';
import type { Version } from '../../../domain/credential/version.js';
import type { StoreTransaction } from '../../../domain/ports/store-port.js';
import type { TrailReader } from '../../../domain/ports/trail-port.js';
import type { DerivedCredential, DerivedVersion } from '../../../domain/trail/derived.js';

/** The state by a carried-over trail; null when the trail is not valid. */
export async function wholeTrail(tx: StoreTransaction): Promise<TrailReader | null> {
  const verification = await tx.verifyAudit(null);
  // Events of this restore itself are excluded.
  return verification.valid ? tx.readTrail(verification.events) : null;
}

/** What the trail says of a credential of a backup. */
export interface Told {
  readonly isDeleted: boolean;
  /** The credential in its latest state. */
  readonly latest: Credential;
  /**
   * Whether the trail determines the credential and its versions completely, so that no other source is needed.
   */
  readonly isWhole: boolean;
}

/**
 * Derives the latest state of a backup's credential from the trail; null where the trail records nothing of it.
 */
export async function toldCredential(
  trail: TrailReader,
  credential: Credential,
  now: number,
): Promise<Told | null> {
  const derived = (await trail.compare(credential.id))?.derived ?? null;
  if (derived === null) return null;
  const { isDeleted, status, scopes, ownerId, expiresAt } = derived;
  const isWhole =
    ![status, scopes, ownerId, expiresAt].includes(undefined) &&
    credential.versions.every(({ id }) => derived.versions.get(id)?.sha256 !== undefined);
  return { isDeleted, latest: asTold(credential, derived, now), isWhole };
}

function asTold(credential: Credential, derived: DerivedCredential, now: number): Credential {
  const { status = credential.status, scopes = storedScopesOf(credential) } = derived;
  return {
    ...credential,
    status: status === 'active' ? 'active' : 'inactive',
    scopes,
    storedScopes: scopes,
    expiresAt: derived.expiresAt === undefined ? credential.expiresAt : derived.expiresAt,
    versions: credential.versions.flatMap((version) => {
      const told = derived.versions.get(version.id);
      return told === undefined ? [] : [versionAsTold(version, told, now)];
    }),
  };
}

function versionAsTold(version: Version, told: DerivedVersion, now: number): Version {
  const ends = [told.retiresAt ?? version.retiresAt, told.latestEnd].filter((end) => end !== null);
  const lapsed = { at: told.lapsesAt ?? now, as: 'lapsed' as const };
  return {
    ...version,
    revokedAt: told.revokedAt ?? version.revokedAt,
    retiresAt: ends.length === 0 ? null : Math.min(...ends),
    ended: told.hasLapsed ? lapsed : version.ended,
  };
}
