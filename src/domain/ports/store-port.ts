import type { Credential, CredentialStatus, Owner, OwnerSummary } from '../credential/credential.js';
import type { Version } from '../credential/version.js';
import type { Catalog, CredentialType } from '../scope/catalog.js';
import type { DerivedVersion } from '../trail/derived.js';
import type { AuditEntry, AuditQuery, AuditVerification, RecordedEvent } from './audit-port.js';
import type { Finding } from './finding.js';
import type { Author, Clock, HashPolicy } from './ports.js';
import type {
  CredentialPatch,
  NewCredential,
  NewVersion,
  OverdueVersion,
  OwnerPatch,
  VersionPatch,
} from './store-change.js';
import type { StorePlacing } from './store-placing.js';
import type { StoreRole } from './store-role.js';
import type { TrailReader } from './trail-port.js';

export type { AuditEntry, AuditQuery, AuditVerification, RecordedEvent } from './audit-port.js';
export type { Finding } from './finding.js';
export type {
  CredentialPatch,
  NewCredential,
  NewVersion,
  OverdueVersion,
  OwnerPatch,
  VersionPatch,
} from './store-change.js';

/** What was decided when the store was made; only the hash policy can change. */
export interface StoreSettings {
  readonly id: string;
  readonly prefix: string;
  readonly hashPolicy: HashPolicy;
  /** Those of before by which hashes in the store were made. */
  readonly earlierPolicies: readonly HashPolicy[];
  readonly createdAt: number;
}

/** Figures for `store info`; the size is in bytes. */
export interface StoreStatistics {
  readonly engine: 'sqlite' | 'postgres';
  readonly location: string;
  readonly schema: number;
  readonly credentials: number;
  readonly owners: number;
  readonly sizeBytes: number;
}

/** The orders that `list` offers. */
export const CREDENTIAL_SORTS = ['name', 'created', 'last-used', 'expires'] as const;
export type CredentialSort = (typeof CREDENTIAL_SORTS)[number];

/** What `list` selects; everything given must hold. Times are epoch milliseconds. */
export interface CredentialQuery {
  readonly now: number;
  readonly type?: CredentialType;
  readonly status?: CredentialStatus;
  readonly scope?: string;
  readonly ownerId?: string;
  readonly label?: { readonly key: string; readonly value: string };
  /** Rotation due at or before this time. */
  readonly dueBy?: number;
  /** Not used since this time; never used and created before it counts too. */
  readonly unusedSince?: number;
  readonly search?: string;
  readonly sort: CredentialSort;
  readonly limit: number;
  readonly cursor?: string;
}

/** One page of a listing; `nextCursor` asks for the next one, null at the end. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly nextCursor: string | null;
}

/** A version looked up by the public part of a presented secret. */
export interface PresentedVersion {
  readonly credential: Credential;
  readonly version: Version;
  readonly hash: string;
}

/** The part of a version that a secret is compared with. */
export interface ComparableVersion {
  readonly hash: string;
  readonly type: CredentialType;
  readonly clientId: string | null;
}

/** An access token as stored. Times are epoch milliseconds. */
export interface AccessToken {
  readonly id: string;
  readonly credentialId: string;
  readonly versionId: string;
  /** SHA-256 of the secret part, hex. */
  readonly digest: string;
  readonly scopes: readonly string[];
  readonly issuedAt: number;
  readonly expiresAt: number;
}

/** An access token looked up by its public part. */
export interface PresentedToken {
  readonly credential: Credential;
  readonly version: Version;
  readonly token: AccessToken;
}

/** What the store still knows of a credential that was deleted. */
export interface DeletedCredential {
  readonly id: string;
  /** Its last name; null where the trail does not tell. */
  readonly name: string | null;
  readonly clientId: string | null;
  /** Epoch milliseconds. */
  readonly deletedAt: number;
}

/** Everything that can be asked of a store. */
export interface StoreReader {
  settings(): Promise<StoreSettings>;
  /** The catalog that scopes are checked against. */
  catalog(): Promise<Catalog>;
  /** By name (case ignored), id or client id. */
  findCredential(reference: string): Promise<Credential | null>;
  listCredentials(query: CredentialQuery): Promise<Page<Credential>>;
  /** Names of credentials that begin with `start` (case ignored), in order, at most `limit` of them. */
  credentialNames(start: string, limit: number): Promise<readonly string[]>;
  /** Name, type and scopes of every credential, for the check of a new catalog. */
  heldScopes(): Promise<
    readonly { readonly name: string; readonly type: CredentialType; readonly scopes: readonly string[] }[]
  >;
  /** Ids of versions that were removed with an issue of that name which was never delivered. */
  discardedVersionIds(name: string): Promise<readonly string[]>;
  /** The credentials deleted last, at most `limit` of them, with how many versions each had. */
  deletedCredentials(
    limit: number,
  ): Promise<readonly { readonly credentialId: string; readonly versions: number }[]>;
  /** What it takes to compare a presented secret, at the same cost whether the version exists or not. */
  findComparable(versionId: string): Promise<ComparableVersion | null>;
  findPresentedVersion(versionId: string): Promise<PresentedVersion | null>;
  findPresentedToken(tokenId: string): Promise<PresentedToken | null>;
  /** The credential that a version belonged to which was deleted with it; null where the id is of no such version. */
  findDeleted(versionId: string): Promise<DeletedCredential | null>;
  findOwner(name: string): Promise<OwnerSummary | null>;
  listOwners(): Promise<readonly OwnerSummary[]>;
  listAudit(query: AuditQuery): Promise<Page<RecordedEvent>>;
  /** Every event, oldest first, a batch at a time. */
  exportAudit(): AsyncIterable<readonly RecordedEvent[]>;
  verifyAudit(expectedHead: string | null): Promise<AuditVerification>;
  /**
   * Reads what a trail that was verified says of the rest.
   *
   * @param end the number of the last event that counts; all where it is not given
   */
  readTrail(end?: number): Promise<TrailReader>;
  /** What the events of one credential say of its versions, by their ids. */
  toldVersions(credentialId: string): Promise<ReadonlyMap<string, DerivedVersion>>;
}

/** Everything inside one transaction: either all of it is kept, or nothing. */
export interface StoreTransaction extends StoreReader {
  insertCredential(credential: NewCredential): Promise<void>;
  updateCredential(id: string, patch: CredentialPatch): Promise<void>;
  /** Wipes the credential with its hashes, uses and tokens, and leaves a tombstone of the ids. */
  deleteCredential(id: string, now: number): Promise<unknown>;
  insertVersion(version: NewVersion): Promise<void>;
  updateVersion(id: string, patch: VersionPatch): Promise<void>;
  /** @param from the address of the client; null where it is not known */
  recordUse(versionId: string, now: number, from: string | null): Promise<void>;
  insertToken(token: AccessToken): Promise<void>;
  insertOwner(owner: Owner): Promise<void>;
  updateOwner(id: string, patch: OwnerPatch): Promise<void>;
  /** Deactivates the owner's credentials and takes the owner from them before removing it. */
  deleteOwner(id: string, now: number): Promise<readonly string[]>;
  replaceCatalog(catalog: Catalog, now: number): Promise<void>;
  updateHashPolicy(policy: HashPolicy): Promise<void>;
  /** Makes another store of it, which has yet to remember its place. */
  replaceStoreId(id: string): Promise<void>;
  /**
   * Allows a role of the database what a role in the store may do. Errors: `usage` where the engine knows no roles,
   * `not_found`, `denied`.
   */
  grant(role: StoreRole, databaseRole: string): Promise<void>;
  /** Puts right what no command changes. */
  correctCredential(id: string, fixed: Pick<Credential, 'type' | 'clientId'>): Promise<void>;
  /** Has everything be found by its own name again. @returns the names that were found by another text */
  rightNameKeys(kind: 'credential' | 'owner'): Promise<readonly string[]>;
  /**
   * Puts back the hash that was issued.
   *
   * @param sha256 what the SHA-256 of the stored hash must be, in hex
   * @returns false, and nothing is changed, where this one's is another
   */
  putBackHash(versionId: string, hash: string, sha256: string): Promise<boolean>;
  /** Tells the trail all that the store holds of credentials and owners, from where on it accounts for them. */
  attest(author: Author, now: number): Promise<void>;
  /** Versions that lapsed or retired by `now` without bearing the stamp. */
  overdueVersions(now: number): Promise<readonly OverdueVersion[]>;
  /** Details that every event of this transaction has from now on, besides its own. */
  addToEvents(details: AuditEntry['details']): void;
  appendAudit(entry: AuditEntry, now: number): Promise<void>;
  /** The same for many of them. */
  appendAudits(entries: readonly AuditEntry[], now: number): Promise<void>;
}

/** Whether what was deleted has left nothing, or what another process holds back: the log of the file, or rows of a database. */
export type Scrubbed = 'done' | 'log-held' | 'rows-held';

/** Where credentials live. Errors: `store_unavailable`, `integrity`, `denied`. */
export interface Store extends StoreReader {
  /** The clock that rules what has ended, where that is the database's; null where it is the machine's. */
  readonly clock: Clock | null;
  /** Runs `work` in one serialised write transaction and commits it; rolls back when `work` throws. */
  write<T>(work: (transaction: StoreTransaction) => Promise<T>): Promise<T>;
  /** Removes what deleted rows leave: in the write-ahead log, and in tables that servers write to. */
  scrub(): Promise<Scrubbed>;
  statistics(): Promise<StoreStatistics>;
  /** Whether the store is where it remembers to be, or a copy of one that still is. */
  placing(): Promise<StorePlacing>;
  /** Looks for damage and for what needs attention; `now` in epoch milliseconds. */
  check(now: number): Promise<readonly Finding[]>;
  close(): Promise<void>;
}

/** What a new store starts with. */
export interface NewStore {
  readonly prefix: string;
  readonly hashPolicy: HashPolicy;
  readonly catalog: Catalog;
  readonly author: Author;
}
