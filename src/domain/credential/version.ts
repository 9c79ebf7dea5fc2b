/** Who delivers a version, so that others can tell whether the delivery still runs. */
export interface ProcessIdentity {
  readonly host: string;
  /** Identifier of the machine's boot; empty where the system has none or hides it. */
  readonly boot: string;
  /** The PID namespace that `pid` counts in; empty where there is none or it is hidden, absent in earlier records. */
  readonly namespace?: string;
  readonly pid: number;
  /** When the process started, in the system's own unit; tells a reused pid apart. */
  readonly started: string;
}

/** What is recorded with a version while it is on its way to its destination. */
export interface DeliveryRecord {
  readonly process: ProcessIdentity;
  /** The end of its lease: epoch milliseconds after which a delivery whose process cannot be seen counts as over. */
  readonly deliverBy: number;
}

/** The kinds of places that a secret is handed over to. */
export type DestinationKind = 'stdout' | 'keychain' | 'file' | 'command';

/** Kinds of destinations, each once, in the order that documents name them. */
export function inOrder(kinds: readonly DestinationKind[]): readonly DestinationKind[] {
  return (['stdout', 'keychain', 'file', 'command'] as const).filter((kind) => kinds.includes(kind));
}

/** What happens to the older versions once a version is delivered. */
export type Supersede = { readonly kind: 'grace'; readonly ms: number } | { readonly kind: 'revoke' };

/** One secret of a credential. All times are epoch milliseconds. */
export interface Version {
  /** The 12 base62 characters that make up the public part of the handle. */
  readonly id: string;
  readonly credentialId: string;
  readonly number: number;
  readonly createdAt: number;
  readonly deliveredAt: number | null;
  /** When an undelivered version that nobody can have received stops by itself. */
  readonly lapsesAt: number | null;
  readonly retiresAt: number | null;
  readonly revokedAt: number | null;
  /** The stamp of an end that time brought; what is stamped never authenticates again. */
  readonly ended: { readonly at: number; readonly as: 'retired' | 'lapsed' } | null;
  readonly firstUsedAt: number | null;
  /** When a look at the secret proved that it was received; a look is not a use. */
  readonly receivedAt: number | null;
  readonly lastUsedAt: number | null;
  /** The address of the client that used it last; null where it is not known. */
  readonly lastUsedFrom: string | null;
  /** Which version's delivery set `retiresAt`, and what that was before; null while none did. */
  readonly superseded: { readonly by: number; readonly retiresBefore: number | null } | null;
  readonly supersede: Supersede;
  /** Where it was, or is to be, handed over to. */
  readonly destinations: readonly DestinationKind[];
  readonly delivery: DeliveryRecord | null;
}

/** What decides whether a version authenticates. */
export type VersionTimes = Pick<
  Version,
  'deliveredAt' | 'lapsesAt' | 'retiresAt' | 'revokedAt' | 'ended' | 'firstUsedAt' | 'receivedAt'
>;

/** Derived when read, never stored: see the table of states in the product's documentation. */
export type VersionState = 'pending' | 'current' | 'retiring' | 'retired' | 'revoked' | 'lapsed';

/** How long an undelivered version whose destination leaves no trace may stay valid, in milliseconds. */
export const LAPSE_AFTER_MS = 10 * 60_000;

/** The grace of a rotation when none is given. */
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

/** Whether the version's secret is accepted at `now`, as far as the version itself is concerned. */
export function authenticates(version: VersionTimes, now: number): boolean {
  const state = versionState(version, now);
  return state === 'pending' || state === 'current' || state === 'retiring';
}

/** Whether it is certain that the secret was received: it was handed over, used, or looked at by whoever has it. */
export function wasReceived(
  version: Pick<VersionTimes, 'deliveredAt' | 'firstUsedAt' | 'receivedAt'>,
): boolean {
  return version.deliveredAt !== null || version.firstUsedAt !== null || version.receivedAt !== null;
}

/**
 * When a superseded version stops: after the grace, but never past the credential's own expiry and never later
 * than it would have stopped anyway. Epoch milliseconds.
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

/** The newest version that was received and not taken back: the one that rotation policies count from. */
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
