import type { Credential } from '../credential/credential.js';
import type { Version, VersionTimes } from '../credential/version.js';
import type { Catalog } from '../scope/catalog.js';
import type { Clock } from './ports.js';
import type { AccessToken, ComparableVersion, StoreSettings, StoreTransaction } from './store-port.js';

/** What of a credential a server needs to know. */
export type ServedCredential = Pick<
  Credential,
  'id' | 'name' | 'type' | 'status' | 'clientId' | 'scopes' | 'expiresAt'
> & { readonly owner: { readonly name: string; readonly status: 'active' | 'inactive' } | null };

/** A version that was presented, and its credential, as far as a server needs to know them. */
export interface ServedVersion {
  readonly credential: ServedCredential;
  readonly version: VersionTimes & Pick<Version, 'id'>;
  /** What the store keeps of its secret. */
  readonly hash: string;
}

/** The first and the last time that a version was used within a short while, in epoch milliseconds, and the last from where. */
export interface RecordedUse {
  readonly versionId: string;
  readonly first: number;
  readonly last: number;
  /** The address of the client that used it last; null where it is not known. */
  readonly from: string | null;
}

/** What is read once per {@link ServingStore.generation}. */
export interface StoreMetadata {
  readonly settings: StoreSettings;
  readonly catalog: Catalog;
}

/** The answer to one {@link Lookup}, from one snapshot. */
export interface LookupResult {
  /** {@link ServingStore.generation} in that snapshot. */
  readonly generation: number;
  /** Null where an access token was looked for that does not exist, and where none was. */
  readonly token: AccessToken | null;
  /** The version that was looked for, or that obtained the token; null when there is none. */
  readonly version: ServedVersion | null;
}

/** What a presented secret is compared with. */
export interface SoughtVersion {
  /** Null when there is no such version. */
  readonly comparable: ComparableVersion | null;
  /** What it takes to judge it, where that was read in the same go; null otherwise. */
  readonly served: ServedVersion | null;
}

/** Asks for the version of that id, or for the access token of that id and the version that obtained it. */
export type Lookup = (kind: 'version' | 'token', id: string) => Promise<LookupResult>;

/**
 * A store as a server uses it: what every request asks is answered at once, and nothing that waits for a lock waits
 * on the thread of the caller. Errors: `store_unavailable`, `integrity`, `denied`.
 */
export interface ServingStore {
  /** The clock that rules what has ended, where that is the database's; null where it is the machine's. */
  readonly clock: Clock | null;
  /**
   * Batched look-up over the network, one question a request; {@link generation} is then that of its last answer. Null where the
   * store is in this process: there {@link generation} and {@link findToken} read it synchronously.
   */
  readonly lookup: Lookup | null;
  /**
   * Rejects unless the store can be read and written at this moment, as far as that can be told without writing. Where the
   * disk of a file is about full, something is written.
   */
  probe(): Promise<void>;
  /** Change counter of the store: caches of credentials, owners, catalog and settings are valid while it stays the same. One read by key. */
  generation(): number;
  /** Runs synchronous `work` in one read transaction. Nested calls share it. On PostgreSQL it only runs it. */
  inSnapshot<T>(work: () => T): T;
  /** Settings and catalog of the present generation. */
  metadata(): Promise<StoreMetadata>;
  /** What it takes to compare a presented secret, at the same cost whether the version exists or not. */
  findComparable(versionId: string): SoughtVersion | Promise<SoughtVersion>;
  /** At once where the engine need not wait for it. */
  findPresentedVersion(versionId: string): ServedVersion | null | Promise<ServedVersion | null>;
  /** One read by key; null for a token that was never issued, was revoked, or has expired and was purged. */
  findToken(tokenId: string): AccessToken | null | Promise<AccessToken | null>;
  /** Runs `work` in one serialised write transaction and commits it; rolls back when `work` throws. */
  write<T>(work: (transaction: StoreTransaction) => Promise<T>): Promise<T>;
  /**
   * Makes a token durable. Tokens that arrive while others are being written share their transaction.
   *
   * @returns false when the version that obtained it is gone, or another token has its id
   */
  insertToken(token: AccessToken): Promise<boolean>;
  /** Notes when versions were used; those that are gone are passed over. */
  recordUses(uses: readonly RecordedUse[]): Promise<void>;
  /** Removes a token of that credential; any other stays. */
  deleteToken(tokenId: string, credentialId: string): Promise<void>;
  /**
   * Removes some of the tokens that had expired by `now` (epoch milliseconds).
   *
   * @returns whether there may be more
   */
  purgeTokens(now: number): Promise<boolean>;
  close(): Promise<void>;
}
