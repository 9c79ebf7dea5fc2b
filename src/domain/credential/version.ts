/** Identity of a delivering process, to tell whether it still runs. */
export interface ProcessIdentity {
  readonly host: string;
  /** Boot id of the machine; empty where the system has none or hides it. */
  readonly boot: string;
  /** PID namespace of `pid`; empty where there is none or it is hidden, absent in older records. */
  readonly namespace?: string;
  readonly pid: number;
  /** Start time of the process in the system's own unit; detects a reused pid. */
  readonly started: string;
}

/** Recorded with a version while it is being delivered. */
export interface DeliveryRecord {
  readonly process: ProcessIdentity;
  /**
   * End of the lease: epoch milliseconds after which a delivery counts as over, if its process cannot be
   * inspected.
   */
  readonly deliverBy: number;
}

/** Kinds of delivery destinations. */
export type DestinationKind = 'stdout' | 'keychain' | 'file' | 'command';

/** Distinct kinds of destinations in documented order. */
export function inOrder(kinds: readonly DestinationKind[]): readonly DestinationKind[] {
  return (['stdout', 'keychain', 'file', 'command'] as const).filter((kind) => kinds.includes(kind));
}

/** How older versions end once a version is delivered. */
export type Supersede = { readonly kind: 'grace'; readonly ms: number } | { readonly kind: 'revoke' };

/** One secret of a credential. All times are epoch milliseconds. */
export interface Version {
  /** The id in the handle: 12 base62 characters. */
  readonly id: string;
  readonly credentialId: string;
  readonly number: number;
  readonly createdAt: number;
  readonly deliveredAt: number | null;
  /** Deadline of an undelivered version that cannot have been received; null when it does not lapse. */
  readonly lapsesAt: number | null;
  readonly retiresAt: number | null;
  readonly revokedAt: number | null;
  /** Stamp of an end by time; a stamped version never authenticates again. */
  readonly ended: { readonly at: number; readonly as: 'retired' | 'lapsed' } | null;
  readonly firstUsedAt: number | null;
  /** When a `verify` proved receipt, which is not a use. */
  readonly receivedAt: number | null;
  readonly lastUsedAt: number | null;
  /** Address of the client of the last use; null where it is not known. */
  readonly lastUsedFrom: string | null;
  /** Number of the version whose delivery set `retiresAt`, and the value before; null where none did. */
  readonly superseded: { readonly by: number; readonly retiresBefore: number | null } | null;
  readonly supersede: Supersede;
  /** Planned or reached destinations. */
  readonly destinations: readonly DestinationKind[];
  readonly delivery: DeliveryRecord | null;
}

/** The times that decide whether a version authenticates. */
export type VersionTimes = Pick<
  Version,
  'deliveredAt' | 'lapsesAt' | 'retiresAt' | 'revokedAt' | 'ended' | 'firstUsedAt' | 'receivedAt'
>;

/** Derived on read, never stored. */
export type VersionState = 'pending' | 'current' | 'retiring' | 'retired' | 'revoked' | 'lapsed';

/** Time until an undelivered version lapses, in milliseconds, if its destination leaves no trace. */
export const LAPSE_AFTER_MS = 10 * 60_000;

/** Default grace of a rotation. */
export const DEFAULT_GRACE = '24h';

/**
 * The state of a version at `now` (epoch milliseconds).
 *
 * @example
 * const { versions } = await admin.show('ci-bot');
 * const retiring = versions.filter((version) => versionState(version, Date.now()) === 'retiring');
 */
export function versionState(version: VersionTimes, now: number): VersionState {
  if (version.revokedAt !== null) return 'revoked';
  if (version.ended !== null) return version.ended.as;
  if (version.retiresAt !== null && version.retiresAt <= now) return 'retired';
  if (version.deliveredAt === null && hasLapsed(version, now)) return 'lapsed';
  if (version.retiresAt !== null) return 'retiring';
  return version.deliveredAt === null ? 'pending' : 'current';
}

/** Whether the version, by itself, authenticates at `now` (epoch milliseconds). */
export function authenticates(version: VersionTimes, now: number): boolean {
  const state = versionState(version, now);
  return state === 'pending' || state === 'current' || state === 'retiring';
}

/** Whether receipt of the secret is proven: by a confirmed delivery, a use or a `verify`. */
export function wasReceived(
  version: Pick<VersionTimes, 'deliveredAt' | 'firstUsedAt' | 'receivedAt'>,
): boolean {
  return version.deliveredAt !== null || version.firstUsedAt !== null || version.receivedAt !== null;
}

/**
 * When a superseded version retires, in epoch milliseconds: after the grace, at the credential's expiry or at
 * its present end, whichever is first.
 */
export function retirementTime(
  version: Version,
  now: number,
  graceMs: number,
  credentialExpiresAt: number | null,
): number {
  return Math.min(
    now + graceMs,
    credentialExpiresAt ?? Number.POSITIVE_INFINITY,
    version.retiresAt ?? Number.POSITIVE_INFINITY,
  );
}

/** The newest version that was received and not revoked, which rotation policies count from. */
export function newestReceived(versions: readonly Version[]): Version | null {
  return newestFirst(versions).find((version) => wasReceived(version) && version.revokedAt === null) ?? null;
}

/** A copy of the versions, highest number first. */
export function newestFirst(versions: readonly Version[]): readonly Version[] {
  return [...versions].sort((a, b) => b.number - a.number);
}

function hasLapsed(version: VersionTimes, now: number): boolean {
  return version.lapsesAt !== null && version.lapsesAt <= now && !wasReceived(version);
}
