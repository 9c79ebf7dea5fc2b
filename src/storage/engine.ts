import type { CredctlError } from '../domain/errors.js';
import type { StoreFiles } from '../domain/ports/backup-port.js';
import type { CopySource, CopyTarget, WorkWatch } from '../domain/ports/copy-port.js';
import type { MigratableStore, Migrated } from '../domain/ports/migration-port.js';
import type { Clock, Random } from '../domain/ports/ports.js';
import type { ServingStore } from '../domain/ports/serving-port.js';
import type { NewStore, Store } from '../domain/ports/store-port.js';

/** What a store needs of the machine besides its file. */
export interface StoreSystem {
  readonly clock: Clock;
  readonly random: Random;
}

/** What to do when there is no store yet. */
export type WhenMissing = 'read-as-empty' | 'create-on-write' | 'refuse';

/** How to open a store. */
export interface OpenOptions {
  readonly whenMissing: WhenMissing;
  /** The content of a new store; called when there is none yet. */
  readonly newStore: () => Promise<NewStore>;
  /** Called once this command has created the store. */
  readonly onCreated: (location: string) => void;
  /** Called once this call has migrated the store, which had an older schema. */
  readonly onMigrated?: ((migrated: Migrated) => void) | undefined;
  /** Called before a file of an older schema is only read, since it cannot be migrated; may throw what it is told. */
  readonly onLeftOlder?: ((why: CredctlError) => void) | undefined;
  /** Refuses a file of an older schema as `OlderSchema`, in place of migrating it. */
  readonly leavesOlder?: boolean | undefined;
  /** Busy timeout in seconds, or parts of one, for a locked file, in place of the default. */
  readonly busySeconds?: number | undefined;
}

/** What a server needs besides the place of its store. */
export interface ServingOptions {
  /** Upper bound of connections to a database, in place of the default. */
  readonly connections?: number | undefined;
  /** The module of the worker thread that writes to a file. */
  readonly writerThread: URL;
  /** Whether it deactivates what has leaked. */
  readonly stopsLeaks?: boolean | undefined;
}

/** A storage engine. Each method imports its modules when it is called. */
export interface Engine {
  readonly name: 'sqlite' | 'postgres';
  /** Whether a store is a file, which is opened at once, and which a server creates where there is none. */
  readonly isFile: boolean;
  /** Whether the password for a place is not in the place itself. */
  asksForPassword(place: string): boolean;
  /** Whether a place, as returned by {@link storePlace}, belongs to this engine. */
  isAt(place: string): boolean;
  /** Opens the store at a place, or an empty stand-in while it does not exist. */
  open(place: string, system: StoreSystem, options: OpenOptions): Promise<Store>;
  /**
   * Creates a store.
   *
   * @throws CredctlError `conflict` when there is one already
   */
  init(place: string, system: StoreSystem, newStore: NewStore): Promise<Store>;
  /** Opens an existing store for a server. */
  openServing(place: string, options: ServingOptions): Promise<ServingStore>;
  /**
   * The files of the store, for backup and restore.
   *
   * @throws CredctlError `usage` where the store is not a file
   */
  files(place: string, watch: WorkWatch): Promise<StoreFiles>;
  copySource(place: string): Promise<CopySource>;
  copyTarget(place: string): Promise<CopyTarget>;
  migratable(place: string, watch: WorkWatch): Promise<MigratableStore>;
}
