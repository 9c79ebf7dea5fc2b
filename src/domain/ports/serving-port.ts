import type { Credential } from '../credential/credential.js';
import type { Version, VersionTimes } from '../credential/version.js';
import type { Catalog } from '../scope/catalog.js';
import type { Clock } from './ports.js';
import type { AccessToken, ComparableVersion, StoreSettings, StoreTransaction } from './store-port.js';

/** The properties of a credential that a server needs. */
export type ServedCredential = Pick<
  Credential,
  'id' | 'name' | 'type' | 'status' | 'clientId' | 'scopes' | 'storedScopes' | 'expiresAt' | 'canary'
> & { readonly owner: { readonly name: string; readonly status: 'active' | 'inactive' } | null };

/** A presented version with its credential, as far as a server needs them. */
export interface ServedVersion {
  readonly credential: ServedCredential;
  readonly version: VersionTimes & Pick<Version, 'id'>;
  /** The stored hash of its secret. */
  readonly hash: string;
}

/** First and last use of a version within a batch, in epoch milliseconds. */
export interface RecordedUse {
  readonly versionId: string;
  readonly first: number;
  readonly last: number;
  /** Address of the client of the last use; null where it is not known. */
  readonly from: string | null;
}

/** Read once per {@link ServingStore.generation}. */
export interface StoreMetadata {
  readonly settings: StoreSettings;
  readonly catalog: Catalog;
}

/** Answer of a {@link Lookup}, from one snapshot. */
export interface LookupResult {
  /** {@link ServingStore.generation} in that snapshot. */
  readonly generation: number;
  /** Null for a `version` lookup, and for a token that does not exist. */
  readonly token: AccessToken | null;
  /** The version, or the version that obtained the token; null when there is none. */
  readonly version: ServedVersion | null;
}

/** What a presented secret is compared with. */
export interface Comparison {
  /** Null when there is no such version. */
  readonly comparable: ComparableVersion | null;
  /** The version with its credential, if the same query read it; null otherwise. */
  readonly served: ServedVersion | null;
}

/** Looks up a version by id, or an access token by id with the version that obtained it. */
export type Lookup = (kind: 'version' | 'token', id: string) => Promise<LookupResult>;

/** What is to be inspected: an id, and whether it is a version's or an access token's. */
export interface InspectionRequest {
  readonly kind: 'version' | 'token';
  readonly id: string;
}

/** What a store has under an id. */
export interface Inspected extends Pick<LookupResult, 'token' | 'version'> {
  /** Last use of the version, in epoch milliseconds; null where there is none. */
  readonly lastUsedAt: number | null;
}

/** A version that has leaked, and what the event says of who stops it and why; one line each. */
export interface LeakedVersion {
  readonly versionId: string;
  readonly actor: string;
  readonly reason: string;
}

/** Upper bound of {@link ServingStore.countOpenLeaks}. */
export const MOST_OPEN_LEAKS = 10_000;

/**
 * A store for servers: reads are answered at once, and waiting for a lock never blocks the caller's thread.
 * Errors: `store_unavailable`, `integrity`, `denied`.
 */
export interface ServingStore {
  /** The database's clock, where that decides about ends; null for the machine's. */
  readonly clock: Clock | null;
  /** Where the store is, as messages name it, never with a password. */
  readonly location: string;
  /**
   * Batched lookup over the network, one round trip per request; {@link generation} is then that of its last
   * answer. Null where the store is in this process: there {@link generation} and {@link findToken} read
   * synchronously.
   */
  readonly lookup: Lookup | null;
  /**
   * Loads the program's files that later calls need, so that replacing the package does not stop a server.
   * Called before the first request.
   */
  preload(): Promise<void>;
  /**
   * Readiness probe: rejects unless the store can be read and written now, mostly checked without a write. When
   * the disk of a file is nearly full, a trial write is made.
   */
  probe(): Promise<void>;
  /**
   * Change counter of the store: caches of credentials, owners, catalog and settings are valid while it stays
   * the same. One read by key.
   */
  generation(): number;
  /** Runs synchronous `work` in one read transaction. Nested calls share it. No-op on PostgreSQL. */
  inSnapshot<T>(work: () => T): T;
  /** Settings and catalog of the present generation. */
  metadata(): Promise<StoreMetadata>;
  /**
   * Reads what a presented secret is compared with. Timing side channel: same cost whether the version exists
   * or not.
   */
  findComparable(versionId: string): Comparison | Promise<Comparison>;
  /** Synchronous where the engine reads synchronously. */
  findPresentedVersion(versionId: string): ServedVersion | null | Promise<ServedVersion | null>;
  /** One read by key; null for a token that was never issued, was revoked, or has expired and was purged. */
  findToken(tokenId: string): AccessToken | null | Promise<AccessToken | null>;
  /** Reads versions and tokens from one snapshot, in the order of the requests; for looks that are no uses. */
  inspect(asked: readonly InspectionRequest[]): Promise<readonly Inspected[]>;
  /**
   * Deactivates the credential of a version that works and has an open leak, where this login may make no other change;
   * resolves to whether it did. Null where {@link write} does that.
   */
  readonly stopForLeak: ((leaked: LeakedVersion) => Promise<boolean>) | null;
  /** The number of open leaks, {@link MOST_OPEN_LEAKS} at most, which bounds the cost. */
  countOpenLeaks(): Promise<number>;
  /** Runs `work` in one serialised write transaction and commits it; rolls back when `work` throws. */
  write<T>(work: (transaction: StoreTransaction) => Promise<T>): Promise<T>;
  /**
   * Makes a token durable by group commit: tokens that arrive during a write share the next transaction.
   *
   * @returns false when the version that obtained it is gone, or the id is taken
   */
  insertToken(token: AccessToken): Promise<boolean>;
  /** Records uses; those of removed versions are skipped. */
  recordUses(uses: readonly RecordedUse[]): Promise<void>;
  /** Deletes a token if it belongs to that credential. */
  deleteToken(tokenId: string, credentialId: string): Promise<void>;
  /**
   * Deletes a batch of tokens that had expired by `now` (epoch milliseconds).
   *
   * @returns whether there may be more
   */
  purgeTokens(now: number): Promise<boolean>;
  close(): Promise<void>;
}
