import { formatInstant } from '../duration.js';
import type { VersionPatch } from '../ports/store-port.js';
import { shellCommand, shellWord } from '../text/quote.js';
import { type Credential, rotationDueAt } from './credential.js';
import {
  authenticates,
  newestFirst,
  retirementTime,
  type Supersede,
  type Version,
  type VersionState,
  versionState,
  wasReceived,
} from './version.js';

/** A refused rotation step and its remedy. */
export interface Refusal {
  readonly problem: string;
  readonly hint: string;
}

/** Effects of `--abort`: the version to revoke, and the ends to restore on older versions. */
export interface AbortPlan {
  readonly revoke: Version;
  readonly restore: readonly Pick<Version, 'id' | 'number' | 'retiresAt'>[];
}

/** Maximum number of versions that authenticate at once, a pending one included. */
export const MOST_AT_ONCE = 5;

/**
 * Why a credential cannot be rotated at `now` (epoch milliseconds); null when it can. Retiring versions are
 * allowed up to {@link MOST_AT_ONCE}. A rotation that ends all older versions on delivery is always allowed.
 */
export function rotationRefusal(
  name: string,
  versions: readonly Version[],
  now: number,
  supersede: Supersede,
): Refusal | null {
  if (supersede.kind === 'revoke' || supersede.ms === 0) return null;
  const working = versions.filter((version) => authenticates(version, now));
  if (working.length < MOST_AT_ONCE) return null;
  return {
    problem: `${name} has ${working.length} working secrets, and can have no more`,
    hint: `end the grace periods with ${shellCommand(`credctl rotate ${shellWord(name)} --finish`)}, or end them with the rotation: '--grace 0', or '--now' after a leak`,
  };
}

/** The versions whose grace can be ended at `now` (epoch milliseconds). */
export function retiringVersions(versions: readonly Version[], now: number): readonly Version[] {
  return versions.filter((version) => versionState(version, now) === 'retiring');
}

/**
 * Why ending the graces is not safe yet; null when recorded uses show that all clients have switched. Refused
 * when a retiring version was used after the first use of a newer one, or, with no newer one in use, since it
 * was superseded.
 */
export function finishRefusal(name: string, versions: readonly Version[], now: number): Refusal | null {
  const working = newestFirst(versions).filter((version) => authenticates(version, now));
  const newest = working.find((version) => versionState(version, now) === 'current');
  if (newest === undefined) return null;
  const straggler = retiringVersions(working, now).find((version) => {
    const newer = versions.filter(
      (other) => other.number > version.number && !NEVER_IN_FORCE.has(versionState(other, now)),
    );
    const firstUses = newer.flatMap(({ firstUsedAt }) => (firstUsedAt === null ? [] : [firstUsedAt]));
    const switchedAt = Math.min(
      ...(firstUses.length > 0 ? firstUses : newer.map(({ createdAt }) => createdAt)),
    );
    return version.lastUsedAt !== null && version.lastUsedAt > switchedAt;
  });
  if (straggler === undefined) return null;
  const extent = newest.firstUsedAt === null ? '' : ' everywhere';
  return {
    problem: `${name} has not switched${extent}: ${working.map(describeUse).join(', ')}`,
    hint: 'give the app the new secret first, or end the grace period anyway with --force',
  };
}

/**
 * What to know where ending the graces is allowed although no use proves that a client has switched: the newest version
 * was never used, and an older one was, before the rotation. Null where a use proves it, or nothing was ever used.
 */
export function finishDoubt(name: string, versions: readonly Version[], now: number): string | null {
  const working = newestFirst(versions).filter((version) => authenticates(version, now));
  const newest = working.find((version) => versionState(version, now) === 'current');
  const wasUsed = retiringVersions(working, now).some(({ lastUsedAt }) => lastUsedAt !== null);
  if (newest === undefined || newest.firstUsedAt !== null || !wasUsed) return null;
  return `${name} may not have switched: ${working.map(describeUse).join(', ')}`;
}

/** States of versions that clients never had to switch to. */
const NEVER_IN_FORCE: ReadonlySet<VersionState> = new Set(['revoked', 'lapsed']);

function describeUse({ number, lastUsedAt, lastUsedFrom }: Version): string {
  if (lastUsedAt === null) return `version ${number} was never used`;
  const from = lastUsedFrom === null ? '' : ` from ${lastUsedFrom}`;
  return `version ${number} was last used ${formatInstant(lastUsedAt)}${from}`;
}

/** The effects of `--abort` at `now` (epoch milliseconds), or why it is refused. */
export function abortPlan(
  name: string,
  versions: readonly Version[],
  now: number,
  force: boolean,
): AbortPlan | Refusal {
  const [newest, ...older] = newestFirst(versions).filter((version) => authenticates(version, now));
  const pending = newest !== undefined && versionState(newest, now) === 'pending';
  // A version that lapses cannot be the one to return to.
  const previous = older.find(
    (version) =>
      versionState(version, now) === 'retiring' && (wasReceived(version) || version.lapsesAt === null),
  );
  if (newest === undefined || !(pending || previous !== undefined)) {
    return {
      problem: `${name} has no rotation to undo`,
      hint: 'the previous secret no longer works; to replace the current one, rotate again',
    };
  }
  if (newest.firstUsedAt !== null && !force) {
    return {
      problem: `version ${newest.number} of ${name} is already in use`,
      hint: 'apps that use it would be locked out; --force revokes it anyway',
    };
  }
  return { revoke: newest, restore: pending ? [] : endsBefore(newest, older, previous) };
}

/** The previous version becomes current; others get the end that they had before the newest was delivered. */
function endsBefore(
  newest: Version,
  older: readonly Version[],
  previous: Version | undefined,
): AbortPlan['restore'] {
  return older.flatMap((version) => {
    if (version === previous) return [{ ...version, retiresAt: null }];
    const { superseded } = version;
    return superseded?.by === newest.number ? [{ ...version, retiresAt: superseded.retiresBefore }] : [];
  });
}

/** The pending version that `--resume` can confirm at `now` (epoch milliseconds), or null. */
export function resumableVersion(versions: readonly Version[], now: number): Version | null {
  return newestFirst(versions).find((version) => versionState(version, now) === 'pending') ?? null;
}

/** Whether no version was ever received, so that the credential may be discarded or replaced. */
export function neverReceived(versions: readonly Version[]): boolean {
  return !versions.some(wasReceived);
}

/** Changes of transaction B: the resulting credential and the columns to write. */
export interface Completion {
  readonly credential: Credential;
  readonly patches: readonly { readonly versionId: string; readonly patch: VersionPatch }[];
}

/**
 * Marks a version as delivered at `now` (epoch milliseconds), and supersedes every older version that still
 * authenticates: with the grace of the rotation, or at once.
 */
export function completeDelivery(credential: Credential, delivered: Version, now: number): Completion {
  const patches = credential.versions.flatMap((version): Completion['patches'] => {
    if (version.id === delivered.id) {
      return [{ versionId: version.id, patch: { deliveredAt: now, lapsesAt: null, delivery: null } }];
    }
    if (version.number > delivered.number || !authenticates(version, now)) return [];
    if (delivered.supersede.kind === 'revoke') return [{ versionId: version.id, patch: { revokedAt: now } }];
    const retiresAt = retirementTime(version, now, delivered.supersede.ms, credential.expiresAt);
    if (retiresAt === version.retiresAt) return [];
    const superseded = { by: delivered.number, retiresBefore: version.retiresAt };
    return [{ versionId: version.id, patch: { retiresAt, superseded } }];
  });
  const versions = credential.versions.map((version) => ({
    ...version,
    ...patches.find((change) => change.versionId === version.id)?.patch,
  }));
  return {
    credential: { ...credential, versions, rotationDueAt: rotationDueAt(credential.rotateEvery, versions) },
    patches,
  };
}
