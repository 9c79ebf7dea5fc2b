/**
 * State of a version derived from the trail; undefined where it records nothing. Times are epoch milliseconds.
 */
export interface DerivedVersion {
  readonly id: string;
  readonly number: number | undefined;
  readonly sha256: string | null | undefined;
  readonly deliveredAt: number | null | undefined;
  readonly lapsesAt: number | null | undefined;
  readonly retiresAt: number | null | undefined;
  readonly revokedAt: number | null | undefined;
  /** Grace that its delivery gives older versions, in milliseconds; null where it revokes them. */
  readonly graceMs: number | null | undefined;
  readonly hasLapsed: boolean;
  /** Upper bound of its end, where an older event does not record the exact time; null where none does. */
  readonly latestEnd: number | null;
}

/** State of a credential derived from the trail; undefined where it records nothing. */
export interface DerivedCredential {
  readonly isDeleted: boolean;
  readonly name: string | undefined;
  readonly type: string | undefined;
  readonly status: string | undefined;
  readonly clientId: string | null | undefined;
  readonly scopes: readonly string[] | undefined;
  readonly ownerId: string | null | undefined;
  readonly expiresAt: number | null | undefined;
  readonly canary: boolean | undefined;
  /** By id. */
  readonly versions: ReadonlyMap<string, DerivedVersion>;
}

/** State of an owner derived from the trail; undefined where it records nothing. */
export interface DerivedOwner {
  readonly isDeleted: boolean;
  readonly name: string | undefined;
  readonly kind: string | undefined;
  readonly status: string | undefined;
}

/** A version of which only the id is known. */
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
