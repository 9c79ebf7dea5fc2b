/** A version as the tables have it, as far as the trail tells of it. Times are epoch milliseconds. */
export interface HeldVersion {
  readonly id: string;
  readonly number: number;
  /** SHA-256 of the stored hash string, in hex; null where there is no hash. */
  readonly sha256: string | null;
  readonly deliveredAt: number | null;
  readonly lapsesAt: number | null;
  readonly retiresAt: number | null;
  readonly revokedAt: number | null;
  /** The grace that its delivery gives older versions; null where it revokes them. */
  readonly graceMs: number | null;
  readonly ended: 'retired' | 'lapsed' | null;
  readonly endedAt: number | null;
  /** Whether it may have turned out to be received, or to have gone where it does not lapse: no event tells. */
  readonly mayHaveArrived: boolean;
}

/** A credential as the tables have it, as far as the trail tells of it. */
export interface HeldCredential {
  readonly id: string;
  readonly name: string;
  readonly type: string;
  readonly status: string;
  readonly clientId: string | null;
  readonly scopes: readonly string[];
  readonly ownerId: string | null;
  readonly expiresAt: number | null;
  readonly versions: readonly HeldVersion[];
}
