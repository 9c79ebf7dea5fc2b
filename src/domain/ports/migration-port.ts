import type { Author } from './ports.js';

/** What a migration does, or would do. */
export interface MigrationPlan {
  /** Schema number of the store. */
  readonly from: number;
  /** Schema number of this program. */
  readonly to: number;
}

/** Result of a migration. */
export interface Migrated extends MigrationPlan {
  /**
   * Path of the backup made before; null where nothing was changed, or where the operator is responsible for
   * backups.
   */
  readonly backup: string | null;
  /** What was attested; null where nothing had to be. */
  readonly attested: Attested | null;
}

/** What the store held that the audit trail had not recorded in full. */
export interface Attested {
  readonly credentials: number;
  /** Number of hashes accepted as they are, for lack of an older record. */
  readonly hashes: number;
  /**
   * Credentials by name, and owners as `owner NAME`, that the trail contradicts; the trail remains
   * authoritative.
   */
  readonly contradicted: readonly string[];
}

/** A store with a schema that may be older than the program's. */
export interface MigratableStore {
  readonly engine: 'sqlite' | 'postgres';
  readonly location: string;
  plan(): Promise<MigrationPlan>;
  /**
   * Migrates to the schema of this program, atomically. Of concurrent calls, one migrates and the others find
   * it done.
   *
   * @param now epoch milliseconds
   * @throws CredctlError `store_unavailable` when there is no space for it; `integrity` for a damaged store;
   *   `denied` for a login that is not the store's creator
   */
  migrate(author: Author, now: number): Promise<Migrated>;
  close(): Promise<void>;
}
