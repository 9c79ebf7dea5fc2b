import type { Author } from './ports.js';

/** What a migration does, or would do. */
export interface MigrationPlan {
  /** Number of the schema that the store has. */
  readonly from: number;
  /** Number of the schema that this program needs. */
  readonly to: number;
}

/** What a migration has done. */
export interface Migrated extends MigrationPlan {
  /** Where the store as it was is kept; null where nothing was changed, or the operator keeps backups. */
  readonly backup: string | null;
  /** What was told to the trail of what it had not told before; null where nothing had to be. */
  readonly attested: Attested | null;
}

/** What a store held that no event had told of in full. */
export interface Attested {
  readonly credentials: number;
  /** Hashes that were taken as they are: nothing older tells what they must be. */
  readonly hashes: number;
  /** Names of credentials, and `owner NAME`, that the trail contradicts: what it says goes on to be what must be. */
  readonly contradicted: readonly string[];
}

/** A store that may have been made by an older version of the program. */
export interface MigratableStore {
  readonly engine: 'sqlite' | 'postgres';
  readonly location: string;
  plan(): Promise<MigrationPlan>;
  /**
   * Brings the store to the schema of this program: all of it or nothing. Of several that do it at once, one does it
   * and the others find it done.
   *
   * @param now epoch milliseconds
   * @throws CredctlError `store_unavailable` when there is no space for it; `integrity` for a damaged store; `denied`
   *   for whoever has not made the store
   */
  migrate(author: Author, now: number): Promise<Migrated>;
  close(): Promise<void>;
}
