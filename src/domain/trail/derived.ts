/** What the trail says that a version must be; what is undefined, it does not tell. Times are epoch milliseconds. */
export interface DerivedVersion {
  readonly id: string;
  readonly number: number | undefined;
  readonly sha256: string | null | undefined;
  readonly deliveredAt: number | null | undefined;
  readonly lapsesAt: number | null | undefined;
  readonly retiresAt: number | null | undefined;
  readonly revokedAt: number | null | undefined;
  /** The grace that its delivery gives older versions, in milliseconds; null where it revokes them. */
  readonly graceMs: number | null | undefined;
  readonly hasLapsed: boolean;
  /** When it must have ended at the latest, where an older event does not tell the very time; null where none tells. */
  readonly latestEnd: number | null;
}

/** What the trail says that a credential must be; what is undefined, it does not tell. */
export interface DerivedCredential {
  readonly isDeleted: boolean;
  readonly name: string | undefined;
  readonly type: string | undefined;
  readonly status: string | undefined;
  readonly clientId: string | null | undefined;
  readonly scopes: readonly string[] | undefined;
  readonly ownerId: string | null | undefined;
  readonly expiresAt: number | null | undefined;
  /** By their ids. */
  readonly versions: ReadonlyMap<string, DerivedVersion>;
}

/** What the trail says that an owner must be. */
export interface DerivedOwner {
  readonly isDeleted: boolean;
  readonly name: string | undefined;
  readonly kind: string | undefined;
  readonly status: string | undefined;
}

/** A version of which nothing is known but its id. */
export function unknownVersion(id: string): DerivedVersion {
  return {
    id,
    number: undefined,
    sha256: undefined,
    deliveredAt: undefined,
    lapsesAt: undefined,
    retiresAt: undefined,
    revokedAt: undefined,
    graceMs: undefined,
    hasLapsed: false,
    latestEnd: null,
  };
}
