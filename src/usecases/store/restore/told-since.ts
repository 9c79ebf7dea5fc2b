import type { Credential } from '../../../domain/credential/credential.js';
import type { Version } from '../../../domain/credential/version.js';
import type { StoreTransaction } from '../../../domain/ports/store-port.js';
import type { TrailReader } from '../../../domain/ports/trail-port.js';
import type { DerivedCredential, DerivedVersion } from '../../../domain/trail/derived.js';

/** What a trail that was carried over says as it is now; null where it is not whole. */
export async function wholeTrail(tx: StoreTransaction): Promise<TrailReader | null> {
  const verification = await tx.verifyAudit(null);
  // What the restore itself tells from here on is no news.
  return verification.valid ? tx.readTrail(verification.events) : null;
}

/** What a trail says of a credential of a backup. */
export interface Told {
  readonly isDeleted: boolean;
  /** The credential as it is now. */
  readonly latest: Credential;
  /** Whether it tells all that the credential and its versions are, so that nothing else has to be asked. */
  readonly isWhole: boolean;
}

/** A credential of a backup as the trail says that it is now; null where the trail tells nothing of it. */
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
  const { status = credential.status, scopes = credential.scopes } = derived;
  return {
    ...credential,
    status: status === 'active' ? 'active' : 'inactive',
    scopes,
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
