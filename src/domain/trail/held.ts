/** A version as stored, as far as the trail covers it. Times are epoch milliseconds. */
export interface HeldVersion {
  readonly id: string;
  readonly number: number;
  /** SHA-256 of the stored hash string, in hex; null where there is no hash. */
  readonly sha256: string | null;
  readonly deliveredAt: number | null;
  readonly lapsesAt: number | null;
  readonly retiresAt: number | null;
  readonly revokedAt: number | null;
  /** Grace that its delivery gives older versions, in milliseconds; null where it revokes them. */
  readonly graceMs: number | null;
  readonly ended: 'retired' | 'lapsed' | null;
  readonly endedAt: number | null;
  /**
   * Whether receipt may have been proven, or a destination announced that stops the lapse; neither writes an
   * event.
   */
  readonly mayHaveArrived: boolean;
}

/** A credential as stored, as far as the trail covers it. */
export interface HeldCredential {
  readonly id: string;
  readonly name: string;
  readonly type: string;
  readonly status: string;
  readonly clientId: string | null;
  readonly scopes: readonly string[];
  readonly ownerId: string | null;
  readonly expiresAt: number | null;
  readonly canary: boolean;
  readonly versions: readonly HeldVersion[];
}
