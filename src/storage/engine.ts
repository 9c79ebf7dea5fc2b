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

/** What a command does when there is no store yet. */
export type WhenMissing = 'read-as-empty' | 'create-on-write' | 'refuse';

export interface OpenOptions {
  readonly whenMissing: WhenMissing;
  /** What a store made by this command starts with; asked for when there is none yet. */
  readonly newStore: () => Promise<NewStore>;
  /** Called once this command has made the store. */
  readonly onCreated: (location: string) => void;
  /** Called once this command has migrated the store, which is to be changed and was made by an older version. */
  readonly onMigrated?: ((migrated: Migrated) => void) | undefined;
  /** How long a file that another process has locked is waited for, where that is not as long as ever. */
  readonly busySeconds?: number | undefined;
}

/** What a server needs besides the place of its store. */
export interface ServingOptions {
  /** Connections to a database at most. */
  readonly connections: number;
  /** The module of the thread that writes to a file. */
  readonly writerThread: URL;
}

/** A kind of place where a store can be. Each of its methods loads what it takes when it is called. */
export interface Engine {
  readonly name: 'sqlite' | 'postgres';
  /** Whether a place is one of this engine: what {@link storePlace} has made of a reference. */
  isAt(place: string): boolean;
  /** Opens the store at a place, or what stands for it while it does not exist. */
  open(place: string, system: StoreSystem, options: OpenOptions): Promise<Store>;
  /** Makes a store. @throws CredctlError `conflict` when there is one already */
  init(place: string, system: StoreSystem, newStore: NewStore): Promise<Store>;
  /** Opens a store that exists for a server. */
  openServing(place: string, options: ServingOptions): Promise<ServingStore>;
  /** The files of the store, to back up and restore. @throws CredctlError `usage` where it is none */
  files(place: string, watch: WorkWatch): Promise<StoreFiles>;
  copySource(place: string): Promise<CopySource>;
  copyTarget(place: string): Promise<CopyTarget>;
  migratable(place: string, watch: WorkWatch): Promise<MigratableStore>;
}
