import type { Store, StoreReader } from './store-port.js';

/** Facts about a backup. Times are epoch milliseconds. */
export interface BackupFacts {
  /** Path of the file. */
  readonly file: string;
  readonly storeId: string;
  readonly schema: number;
  readonly credentials: number;
  /** Number of audit events, and the hash of the last one. */
  readonly events: number;
  readonly head: string;
  readonly sizeBytes: number;
}

/** Origin of a backup, from its own audit trail. */
export interface BackupOrigin {
  readonly at: number;
  readonly host: string;
  /** Location of the store. */
  readonly location: string;
}

/** An unfinished backup in a private directory, inaccessible to other users. */
export interface BackupDraft {
  /** Copies a snapshot of the store and checks the copy: pages, tables and audit trail. */
  fill(): Promise<BackupFacts>;
  /** Renames the finished, synced file into place atomically. */
  publish(): void;
  /** Removes temporary files. */
  discard(): void;
}

/** A private copy of a backup that passed all checks, opened as a store. */
export interface CheckedBackup {
  readonly facts: BackupFacts;
  /** Whether the file was compared with the digest written when it was made; false for a file without one. */
  readonly hasDigest: boolean;
  readonly origin: BackupOrigin | null;
  readonly store: Store;
  /**
   * Makes the copy continue the store that it will replace: carries over tombstones and, where it is valid, the
   * audit trail; removes all access tokens; increments the generation for running processes.
   */
  continueFrom(damaged: DamagedStore | null, change: Continuation): Promise<Continued>;
  /** Closes and deletes the copy. */
  discard(): Promise<void>;
}

/** How a restored store differs from its backup. */
export interface Continuation {
  /** Null to keep the backup's id. */
  readonly storeId: string | null;
  /** Epoch milliseconds. */
  readonly now: number;
}

/** What could be carried over. */
export interface Continued {
  readonly hasTombstones: boolean;
  readonly hasTrail: boolean;
}

/** A damaged store under an exclusive lock. */
export interface DamagedStore {
  /** Null when the file cannot be opened. Every read may fail with `integrity`. */
  readonly reader: StoreReader | null;
  /** Ids of deleted credentials, from tombstones and audit events; null when unreadable. */
  deletedIds(): Promise<ReadonlySet<string> | null>;
  /** Releases the lock. */
  release(): void;
}

/** State of the store at the location to restore to. */
export type PresentStore =
  | { readonly state: 'missing' }
  | { readonly state: 'sound'; readonly store: Store }
  | {
      readonly state: 'damaged';
      readonly cause: string;
      /** Identifies the file, as another may be renamed to its path. */
      readonly identity: string | null;
    };

/** The files of one store: itself, its backups, and the copies that a restore keeps. */
export interface StoreFiles {
  readonly location: string;
  /** @throws CredctlError `store_unavailable` when there is none */
  open(): Promise<Store>;
  /**
   * Prepares a backup file.
   *
   * @throws CredctlError `conflict` when the file exists and `force` is not set
   */
  draftBackup(file: string, force: boolean): BackupDraft;
  /**
   * Copies a backup to a private directory and checks the copy.
   *
   * @throws CredctlError `not_found`; `denied` for a file that other users can read or write;
   *   `store_unavailable` for one that is not a backup of this program; `integrity` for a damaged or altered
   *   one
   */
  openBackup(file: string, now: number): Promise<CheckedBackup>;
  /**
   * Inspects the location.
   *
   * @throws CredctlError for a file that is not a store, which is never replaced
   */
  present(now: number): Promise<PresentStore>;
  /**
   * Keeps a copy of the present store beside it.
   *
   * @returns its path
   */
  keepCopy(now: number): string;
  /** Deletes such a copy after a failed restore. */
  dropCopy(path: string): void;
  /**
   * Locks a damaged store exclusively.
   *
   * @param identity of the store that was found to be damaged
   * @throws CredctlError `store_unavailable` while another process has it open; `conflict` when it was replaced
   *   since
   */
  lockDamagedStore(identity: string | null): Promise<DamagedStore>;
  /**
   * Renames the restored copy into place, keeping the replaced store beside it.
   *
   * @param damaged what is replaced; null where the location must be empty
   * @returns the path of the replaced store; null where there was none
   * @throws CredctlError `conflict` when another store was created there concurrently
   */
  install(backup: CheckedBackup, damaged: DamagedStore | null, now: number): Promise<string | null>;
}
