import type { Store, StoreReader } from './store-port.js';

/** What a backup says of itself. Times are epoch milliseconds. */
export interface BackupFacts {
  /** Where the file is. */
  readonly file: string;
  readonly storeId: string;
  readonly schema: number;
  readonly credentials: number;
  /** How many audit events it holds, and the hash of the last one. */
  readonly events: number;
  readonly head: string;
  readonly sizeBytes: number;
}

/** What a backup's own audit trail says of how it was made. */
export interface BackupOrigin {
  readonly at: number;
  readonly host: string;
  /** Where the store was. */
  readonly location: string;
}

/** A backup on its way: in a directory of its own, where nobody else can see or exchange it. */
export interface BackupDraft {
  /** Copies the store as it is at one moment, and checks the copy: pages, tables and audit trail. */
  fill(): Promise<BackupFacts>;
  /** Puts the finished file, which is on the disk by then, in its place in one step. */
  publish(): void;
  /** Removes what is left. */
  discard(): void;
}

/** A copy of a backup that was found to be sound, opened as a store of its own. */
export interface CheckedBackup {
  readonly facts: BackupFacts;
  /** Whether the file was compared with the digest that was written when it was made; false for one without. */
  readonly hasDigest: boolean;
  readonly origin: BackupOrigin | null;
  readonly store: Store;
  /**
   * Makes the copy the continuation of what it will replace: the tombstones and, where its audit trail is whole, the
   * trail are carried over; no access token is left; running processes see that everything has changed.
   */
  continueFrom(remains: StoreRemains | null, change: Continuation): Promise<Continued>;
  /** Closes and removes the copy. */
  discard(): Promise<void>;
}

/** How a restored store differs from its backup. */
export interface Continuation {
  /** Null for the id that the backup has. */
  readonly storeId: string | null;
  /** Epoch milliseconds. */
  readonly now: number;
}

/** What could be carried over. */
export interface Continued {
  readonly hasTombstones: boolean;
  readonly hasTrail: boolean;
}

/** What is left of a damaged store, for as long as nobody else can write to it. */
export interface StoreRemains {
  /** Null when the file cannot be opened. Every question may fail with `integrity`. */
  readonly reader: StoreReader | null;
  /** Credentials known to be deleted, by tombstone or by audit event; null when that cannot be read. */
  deletedIds(): Promise<ReadonlySet<string> | null>;
  /** Lets go of it. */
  release(): void;
}

/** What is at the place of a store that is to be restored. */
export type PresentStore =
  | { readonly state: 'missing' }
  | { readonly state: 'sound'; readonly store: Store }
  | {
      readonly state: 'damaged';
      readonly cause: string;
      /** Tells the file from every other that may get its name. */
      readonly identity: string | null;
    };

/** The files of one store: itself, its backups, and what a restore keeps of it. */
export interface StoreFiles {
  readonly location: string;
  /** @throws CredctlError `store_unavailable` when there is none */
  open(): Promise<Store>;
  /**
   * Prepares the place for a backup.
   *
   * @throws CredctlError `conflict` when something stands there already
   */
  draftBackup(file: string, force: boolean): BackupDraft;
  /**
   * Copies a backup to where nobody else can change it, and checks the copy.
   *
   * @throws CredctlError `not_found`; `denied` for a file that others can read or change; `store_unavailable` for one
   *   that is no backup of ours; `integrity` for a damaged or altered one
   */
  openBackup(file: string, now: number): Promise<CheckedBackup>;
  /** @throws CredctlError for what is no store of ours, which is never replaced */
  present(now: number): Promise<PresentStore>;
  /** Keeps a copy of the store beside it, as it is at this moment; its path. */
  keepCopy(now: number): string;
  /** Removes such a copy, where it turned out that nothing is replaced. */
  dropCopy(path: string): void;
  /**
   * Keeps everybody else from writing to a damaged store.
   *
   * @param identity of the store that was found to be damaged
   * @throws CredctlError `store_unavailable` while another process has it open; `conflict` when it was replaced since
   */
  lockDamagedStore(identity: string | null): Promise<StoreRemains>;
  /**
   * Puts the restored copy in the place of the store, and keeps what it replaces beside it.
   *
   * @param remains what is replaced; null where there must be nothing
   * @returns the path of what was replaced
   * @throws CredctlError `conflict` when somebody has made a store there meanwhile
   */
  install(backup: CheckedBackup, remains: StoreRemains | null, now: number): Promise<string | null>;
}
