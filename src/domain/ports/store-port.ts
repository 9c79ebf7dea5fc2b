import type { Credential, CredentialStatus, Owner, OwnerSummary } from '../credential/credential.js';
import type { Catalog, CredentialType } from '../scope/catalog.js';
import type { ScopeFilters } from '../scope/scope-selection.js';
import type { DerivedVersion } from '../trail/derived.js';
import type { AuditEntry, AuditQuery, AuditReader, AuditVerification, RecordedEvent } from './audit-port.js';
import type { Finding } from './finding.js';
import type { LeakReader, LeakWriter } from './leak-port.js';
import type { Page } from './page.js';
import type { Author, Clock, HashPolicy } from './ports.js';
import type {
  AccessToken,
  ComparableVersion,
  DeletedCredential,
  PresentedToken,
  PresentedVersion,
} from './presented-port.js';
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
export type { Page } from './page.js';
export type {
  AccessToken,
  ComparableVersion,
  DeletedCredential,
  PresentedToken,
  PresentedVersion,
} from './presented-port.js';
export type {
  CredentialPatch,
  NewCredential,
  NewVersion,
  OverdueVersion,
  OwnerPatch,
  VersionPatch,
} from './store-change.js';

/** Settings of a store; only the hash policy can change. */
export interface StoreSettings {
  readonly id: string;
  readonly prefix: string;
  readonly hashPolicy: HashPolicy;
  /** Former policies that hashes in the store still use. */
  readonly earlierPolicies: readonly HashPolicy[];
  readonly createdAt: number;
}

/** Figures for `store info`; the size is in bytes. */
export interface StoreStatistics {
  readonly engine: 'sqlite' | 'postgres';
  /** The library of the engine, where it is not the usual one. */
  readonly library?: string;
  readonly location: string;
  readonly schema: number;
  readonly credentials: number;
  readonly owners: number;
  readonly sizeBytes: number;
}

/** Sort orders of `list`. */
export const CREDENTIAL_SORTS = ['name', 'created', 'last-used', 'expires'] as const;
/** A sort order of `list`. */
export type CredentialSort = (typeof CREDENTIAL_SORTS)[number];

/** Filters of `list`, combined with AND. Times are epoch milliseconds. */
export interface CredentialQuery extends ScopeFilters {
  readonly now: number;
  readonly type?: CredentialType;
  readonly status?: CredentialStatus;
  readonly ownerId?: string;
  readonly label?: { readonly key: string; readonly value: string };
  /** Rotation due at or before this time: of the active ones, unless `status` names others. */
  readonly dueBy?: number;
  /** Not used since this time; a credential never used must also be created before it. */
  readonly unusedSince?: number;
  /** Used after this time. */
  readonly usedAfter?: number;
  /** Expires at this time or later. What never expires is left out. */
  readonly expiresFrom?: number;
  /** Expires at this time or earlier. What never expires is left out. */
  readonly expiresBy?: number;
  /** A text in the name or the description, or the whole handle of any version. */
  readonly search?: string;
  readonly sort: CredentialSort;
  readonly limit: number;
  readonly cursor?: string;
}

/** As {@link CredentialQuery}, with what a text that is being typed stands for. */
export interface TypedQuery extends CredentialQuery {
  /** Has a label whose key begins so; with a value, one of that key whose value begins so. */
  readonly labelStart?: { readonly key: string; readonly value: string | null };
  /** Holds a scope whose stored text begins with one of these; not together with `api`. */
  readonly scopeStarts?: readonly string[];
  /** Has a version that retires after `now`. */
  readonly isRetiring?: true;
}

/** Read access to a store. */
export interface StoreReader extends AuditReader, LeakReader {
  settings(): Promise<StoreSettings>;
  /** The catalog that scopes are checked against. */
  catalog(): Promise<Catalog>;
  /**
   * By name (case-insensitive), id, client id, or the handle of any of its versions; a secret is never looked up.
   */
  findCredential(reference: string): Promise<Credential | null>;
  /** @throws CredctlError `usage` for an API, or a scope to be able to, that the catalog does not have */
  listCredentials(query: TypedQuery): Promise<Page<Credential>>;
  /** Names that begin with `start` (case-insensitive), sorted, at most `limit`. */
  credentialNames(start: string, limit: number): Promise<readonly string[]>;
  /** Name, type and scopes of every credential, to check a new catalog. */
  heldScopes(): Promise<
    readonly { readonly name: string; readonly type: CredentialType; readonly scopes: readonly string[] }[]
  >;
  /** Ids of versions discarded with an undelivered create of that name. */
  discardedVersionIds(name: string): Promise<readonly string[]>;
  /** Ids of what was deleted under a name that something else has now, the last one first, at most twenty. */
  formerHolders(name: string): Promise<readonly string[]>;
  /** The most recently deleted credentials, at most `limit`, with their number of versions. */
  deletedCredentials(
    limit: number,
  ): Promise<readonly { readonly credentialId: string; readonly versions: number }[]>;
  /**
   * Reads what a presented secret is compared with. Timing side channel: same cost whether the version exists
   * or not.
   */
  findComparable(versionId: string): Promise<ComparableVersion | null>;
  findPresentedVersion(versionId: string): Promise<PresentedVersion | null>;
  findPresentedToken(tokenId: string): Promise<PresentedToken | null>;
  /** Tombstone lookup by version id; null where the id belongs to no deleted version. */
  findDeleted(versionId: string): Promise<DeletedCredential | null>;
  /** Tombstone lookup by a credential's id or client id; null for any other text. */
  findDeletedById(reference: string): Promise<DeletedCredential | null>;
  /** By name (case-insensitive) or id. */
  findOwner(reference: string): Promise<OwnerSummary | null>;
  listOwners(): Promise<readonly OwnerSummary[]>;
  /** Owners whose names begin with `start` (case-insensitive), sorted, at most `limit`. */
  ownersByName(start: string, limit: number): Promise<readonly Pick<Owner, 'id' | 'name'>[]>;
  listAudit(query: AuditQuery): Promise<Page<RecordedEvent>>;
  verifyAudit(expectedHead: string | null): Promise<AuditVerification>;
  /**
   * Reads the state derived from a verified trail.
   *
   * @param end number of the last event to include; all by default
   */
  readTrail(end?: number): Promise<TrailReader>;
  /** Versions of one credential as derived from its events, by id. */
  toldVersions(credentialId: string): Promise<ReadonlyMap<string, DerivedVersion>>;
}

/** One atomic write transaction. */
export interface StoreTransaction extends StoreReader, LeakWriter {
  insertCredential(credential: NewCredential): Promise<void>;
  updateCredential(id: string, patch: CredentialPatch): Promise<void>;
  /** Erases the credential with its hashes, uses and tokens; leaves a tombstone of the ids. */
  deleteCredential(id: string, now: number): Promise<unknown>;
  insertVersion(version: NewVersion): Promise<void>;
  updateVersion(id: string, patch: VersionPatch): Promise<void>;
  /** @param from the address of the client; null where it is not known */
  recordUse(versionId: string, now: number, from: string | null): Promise<void>;
  insertToken(token: AccessToken): Promise<void>;
  deleteToken(id: string): Promise<void>;
  insertOwner(owner: Owner): Promise<void>;
  updateOwner(id: string, patch: OwnerPatch): Promise<void>;
  /**
   * Deactivates the owner's credentials and detaches them before removing it.
   *
   * @returns their ids
   */
  deleteOwner(id: string, now: number): Promise<readonly string[]>;
  replaceCatalog(catalog: Catalog, now: number): Promise<void>;
  updateHashPolicy(policy: HashPolicy): Promise<void>;
  /** Replaces the store's id and clears the recorded location. */
  replaceStoreId(id: string): Promise<void>;
  /** Grants a database role a role. Errors: `usage` where the engine has no roles, `not_found`, `denied`. */
  grant(role: StoreRole, databaseRole: string): Promise<void>;
  /** Corrects columns that are immutable otherwise. */
  correctCredential(id: string, fixed: Pick<Credential, 'type' | 'clientId' | 'canary'>): Promise<void>;
  /**
   * Recomputes wrong name keys.
   *
   * @returns the names whose key was wrong
   */
  rightNameKeys(kind: 'credential' | 'owner'): Promise<readonly string[]>;
  /**
   * Restores the issued hash.
   *
   * @param sha256 required SHA-256 of the stored hash, in hex
   * @returns false, without a change, where the hash does not match
   */
  putBackHash(versionId: string, hash: string, sha256: string): Promise<boolean>;
  /** Appends attestations of all credentials and owners, which the trail accounts for from then on. */
  attest(author: Author, now: number): Promise<void>;
  /** Versions that lapsed or retired by `now` (epoch milliseconds) and are not stamped. */
  overdueVersions(now: number): Promise<readonly OverdueVersion[]>;
  /** Details added to every further event of this transaction. */
  addToEvents(details: AuditEntry['details']): void;
  appendAudit(entry: AuditEntry, now: number): Promise<void>;
  /** Appends many events. */
  appendAudits(entries: readonly AuditEntry[], now: number): Promise<void>;
}

/**
 * Whether deleted data was erased, or still held by another process: in the log of a file, or in database rows.
 */
export type Scrubbed = 'done' | 'log-held' | 'rows-held';

/** A store of credentials. Errors: `store_unavailable`, `integrity`, `denied`. */
export interface Store extends StoreReader {
  /** The database's clock, where that decides about ends; null for the machine's. */
  readonly clock: Clock | null;
  /** Whether this login may change no credential: every such change is `denied`. */
  readonly isReadOnly?: boolean;
  /** Runs `work` in one serialised write transaction and commits it; rolls back when `work` throws. */
  write<T>(work: (transaction: StoreTransaction) => Promise<T>): Promise<T>;
  /** Erases what deleted rows leave: in the write-ahead log, and in tables that servers write to. */
  scrub(): Promise<Scrubbed>;
  statistics(): Promise<StoreStatistics>;
  /** Whether the store is at its recorded location, or a copy. */
  placing(): Promise<StorePlacing>;
  /** Checks for damage and for what needs attention; `now` in epoch milliseconds. */
  check(now: number): Promise<readonly Finding[]>;
  close(): Promise<void>;
}

/** Initial contents of a new store. */
export interface NewStore {
  readonly prefix: string;
  readonly hashPolicy: HashPolicy;
  readonly catalog: Catalog;
  readonly author: Author;
}
