import { type Credential, rotationDueAt } from './credential.js';
import type { VersionPatch } from './store-port.js';
import {
  authenticates,
  newestFirst,
  retirementTime,
  type Version,
  versionState,
  wasReceived,
} from './version.js';

/** Why a step of a rotation is refused, and what leads out of it. */
export interface Refusal {
  readonly problem: string;
  readonly hint: string;
}

/** What `--abort` undoes: the version to revoke, and those that are as they were before the rotation. */
export interface AbortPlan {
  readonly revoke: Version;
  readonly restore: readonly Version[];
}

/**
 * Why a credential cannot be rotated at `now`, or null when it can.
 *
 * @param revokeOlder a rotation that ends all older versions at once is allowed while one is retiring
 */
export function rotationRefusal(
  name: string,
  versions: readonly Version[],
  now: number,
  revokeOlder: boolean,
): Refusal | null {
  const retiring = versions.find((version) => versionState(version, now) === 'retiring');
  if (retiring === undefined || revokeOlder) return null;
  return {
    problem: `${name} is being rotated: version ${retiring.number} is still retiring`,
    hint: `end the grace with 'credctl rotate ${name} --finish', go back with '--abort', or use '--now' for a leak`,
  };
}

/** The versions whose grace can be ended at `now`. */
export function retiringVersions(versions: readonly Version[], now: number): readonly Version[] {
  return versions.filter((version) => versionState(version, now) === 'retiring');
}

/**
 * Why the grace should not be ended yet, or null when everyone has switched as far as the uses tell: the old
 * version was used after the new one was first used, or only the old one has been used since the rotation.
 */
export function finishRefusal(name: string, versions: readonly Version[], now: number): Refusal | null {
  const newest = newestFirst(versions).find((version) => versionState(version, now) === 'current');
  if (newest === undefined) return null;
  const switchedAt = newest.firstUsedAt ?? newest.createdAt;
  const straggler = retiringVersions(versions, now).find(
    (version) => version.lastUsedAt !== null && version.lastUsedAt > switchedAt,
  );
  if (straggler === undefined) return null;
  return {
    problem:
      newest.firstUsedAt === null
        ? `${name} has not switched: version ${newest.number} was never used, version ${straggler.number} was`
        : `${name} has not switched everywhere: version ${straggler.number} was used after version ${newest.number}`,
    hint: 'switch the integration first, or end the grace all the same with --force',
  };
}

/** What `--abort` would do at `now`, or why it cannot. */
export function abortPlan(
  name: string,
  versions: readonly Version[],
  now: number,
  force: boolean,
): AbortPlan | Refusal {
  const [newest, ...older] = newestFirst(versions).filter((version) => authenticates(version, now));
  const pending = newest !== undefined && versionState(newest, now) === 'pending';
  const restore = pending ? [] : older.filter((version) => versionState(version, now) === 'retiring');
  // One that lapses by itself is none to go back to.
  const canGoBack = restore.some((version) => wasReceived(version) || version.lapsesAt === null);
  if (newest === undefined || !(pending || canGoBack)) {
    return {
      problem: `${name} has no rotation that could be taken back`,
      hint: 'the previous version no longer works; rotate again if the current one must be replaced',
    };
  }
  if (newest.firstUsedAt !== null && !force) {
    return {
      problem: `version ${newest.number} of ${name} is already in use`,
      hint: 'revoking it would lock out whoever uses it; --force revokes it all the same',
    };
  }
  return { revoke: newest, restore };
}

/** The undelivered version that `--resume` can confirm at `now`, or null. */
export function resumableVersion(versions: readonly Version[], now: number): Version | null {
  return newestFirst(versions).find((version) => versionState(version, now) === 'pending') ?? null;
}

/** Whether none of the versions was ever received, so that the credential may be discarded or replaced. */
export function neverReceived(versions: readonly Version[]): boolean {
  return !versions.some(wasReceived);
}

/** What transaction B changes: the credential as it is afterwards, and the columns to write. */
export interface Completion {
  readonly credential: Credential;
  readonly patches: readonly { readonly versionId: string; readonly patch: VersionPatch }[];
}

/**
 * Marks a version as delivered at `now` and supersedes every older version that still authenticates, the way the
 * rotation was asked to: with a grace, or at once.
 */
export function completeDelivery(credential: Credential, delivered: Version, now: number): Completion {
  const patches = credential.versions.flatMap((version) => {
    if (version.id === delivered.id) {
      return [{ versionId: version.id, patch: { deliveredAt: now, lapsesAt: null, delivery: null } }];
    }
    if (version.number > delivered.number || !authenticates(version, now)) return [];
    const patch: VersionPatch =
      delivered.supersede.kind === 'revoke'
        ? { revokedAt: now }
        : { retiresAt: retirementTime(version, now, delivered.supersede.ms, credential.expiresAt) };
    return [{ versionId: version.id, patch }];
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
