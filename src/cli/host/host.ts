import type { CredctlError } from '../../domain/errors.js';
import type { StoreMaintenance } from '../../domain/ports/maintenance-port.js';
import type { Migrated } from '../../domain/ports/migration-port.js';
import type {
  Clock,
  Config,
  Delivery,
  Destination,
  Keychain,
  Processes,
  ProgramOutcome,
  Random,
  SecretHasher,
  StopOptions,
  StopRequest,
} from '../../domain/ports/ports.js';
import type { ScanSources } from '../../domain/ports/scan-port.js';
import type { NewStore, Store } from '../../domain/ports/store-port.js';
import type { Catalog } from '../../domain/scope/catalog.js';
import type { DeliveryStep } from '../../usecases/dependencies.js';
import type { GlobalOptions } from '../flags/global.js';
import type { Prompts } from '../prompts/prompts.js';
import type { LineOutput, Output, Pager } from './streams.js';

export { BrokenPipe, type LineOutput, type Output, type Pager, UnwrittenOutput } from './streams.js';

/** A reference to a store. */
export interface StoreReference {
  /** The value of `--store`. */
  readonly store: string | undefined;
}

/** Settings of a server. */
export interface ServeSettings {
  readonly host: string;
  /** 0 for a free port; null for none. */
  readonly port: number | null;
  /** A Unix socket, with its absolute path and its permission bits; null for none. */
  readonly socket: { readonly path: string; readonly mode: number } | null;
  readonly publicUrl: string | null;
  readonly allowedHosts: readonly string[];
  /** Networks in CIDR notation, and `unix` for the peers on the socket. */
  readonly trustProxy: readonly string[];
  /** Rate limit per address, in requests per second; 0 for none. */
  readonly rateLimit: number;
  readonly logFormat: 'json' | 'text';
  /** Whether successful requests are logged as well. */
  readonly logsAll: boolean;
  /** Maximum number of connections to a PostgreSQL database. */
  readonly connections: number;
  /** Absolute path or https URL of the public keys of GitHub's alerts; null where none are taken. */
  readonly githubKeys: string | null;
  /** Whether what GitHub reports is stopped where it is live. */
  readonly stopsLeaks: boolean;
}

/** A running server. */
export interface ServerProcess {
  /** Base URL of the listener; `unix:PATH` for a socket alone. */
  readonly url: string;
  /** The catalog of its store. */
  catalog(): Promise<Catalog>;
  /** Tells the service manager, if there is one, that the server is ready. @returns why that failed; null otherwise */
  tellReady(): Promise<string | null>;
  /**
   * Waits for a termination request, fails readiness probes for `shutdownDelayMs`, drains for at most
   * `drainTimeoutMs`, and closes everything.
   */
  untilEnded(limits: { readonly shutdownDelayMs: number; readonly drainTimeoutMs: number }): Promise<void>;
}

/** How a store is opened for reading. */
export interface ReadingOptions {
  /** How long to wait for a lock on a file, in seconds; the usual time by default. */
  readonly busySeconds?: number;
  /** Refuses a file of an older schema, in place of migrating it. */
  readonly leavesOlder?: boolean;
  /** Called once the store was migrated. */
  readonly onMigrated?: (migrated: Migrated) => void;
  /** Called where an older schema could not be migrated; may throw what it is told. */
  readonly onLeftOlder?: (why: CredctlError) => void;
}

/** All external dependencies of the commands: streams, environment, clock, stores. */
export interface Host {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly out: Output;
  readonly err: Output;
  readonly stdinIsTerminal: boolean;
  readonly clock: Clock;
  readonly random: Random;
  readonly hasher: SecretHasher;
  readonly processes: Processes;
  readonly actor: string;
  readonly observe: ((step: DeliveryStep) => void) | null;
  readonly version: string;
  /** What to tell of a fault that a damaged or missing file of the program has caused; null for any other. */
  readonly brokenProgram: (fault: unknown) => { readonly message: string; readonly hint: string } | null;
  /**
   * Reads standard input as text.
   *
   * @throws CredctlError `usage` when it is longer than 1 MiB
   */
  readInput(): string;
  /**
   * Reads a file as text.
   *
   * @throws CredctlError `not_found`
   */
  readFile(path: string): string;
  /**
   * Writes a text that is no secret to a new file.
   *
   * @throws CredctlError `conflict` where the path is taken; `not_found` without its directory; `store_unavailable`
   *   where it cannot be written
   */
  writeNewFile(path: string, text: string): void;
  /**
   * Writes a pre-commit hook of the repository of the working directory, unless it is there already. The hint where
   * there is another has the line that it would need.
   *
   * @throws CredctlError `conflict` where there is another; `not_found` without a repository; `store_unavailable`
   */
  installHook(text: string, line: string): Promise<{ readonly path: string; readonly isNew: boolean }>;
  config(): Promise<Config>;
  /**
   * Opens a store for reading. A file of an older schema is migrated first, where it can be; otherwise a copy in memory
   * is, and changes are refused.
   */
  openForReading(
    reference: StoreReference,
    newStore: (config: Config) => NewStore,
    options?: ReadingOptions,
  ): Promise<Store>;
  /**
   * Migrates a file of an older schema, and leaves any other store alone.
   *
   * @throws CredctlError as opening a store does; `store_unavailable` where it cannot be migrated
   */
  migrateOlder(
    reference: StoreReference,
    newStore: (config: Config) => NewStore,
    onMigrated: (migrated: Migrated) => void,
  ): Promise<void>;
  /** Opens a store for writing; the first write creates it, and an older schema is migrated. */
  openForWriting(
    reference: StoreReference,
    newStore: (config: Config) => NewStore,
    onCreated: (location: string) => void,
    onMigrated?: (migrated: Migrated) => void,
  ): Promise<Store>;
  initStore(reference: StoreReference, newStore: (config: Config) => NewStore): Promise<Store>;
  /**
   * Starts a server on a store; a file of an older schema is migrated first.
   *
   * @param onCreated told of the default store that was created, as it was missing; null where none is to be created
   * @throws CredctlError `store_unavailable` where there is no store
   */
  startServer(
    reference: StoreReference,
    newStore: (config: Config) => NewStore,
    onCreated: ((location: string) => void) | null,
    settings: ServeSettings,
    onMigrated?: (migrated: Migrated) => void,
  ): Promise<ServerProcess>;
  /**
   * Operations on a store as a whole.
   *
   * @param tells whether to report progress
   */
  maintenance(reference: StoreReference, tells: boolean): Promise<StoreMaintenance>;
  /** The home directory; null where the account has none. */
  home(): string | null;
  /**
   * Base of relative paths.
   *
   * @throws CredctlError `store_unavailable` when it no longer exists
   */
  workingDirectory(): string;
  /**
   * Makes a path absolute.
   *
   * @throws CredctlError `usage` for one that is not valid UTF-8
   */
  absolutePath(path: string): string;
  /**
   * Standard output, or a file to append to, as lines. Writing throws {@link BrokenPipe} and CredctlError, as
   * {@link Output}.
   */
  lines(path: string | null): LineOutput;
  stdoutDestination(render: (delivery: Delivery) => string): Destination;
  /**
   * A file as a destination; `tell` is called with notes for the file's readers once the delivery is confirmed.
   */
  fileDestination(
    path: string,
    force: boolean,
    render: (delivery: Delivery) => string,
    tell?: (text: string) => void,
  ): Destination;
  /** A command as a destination, with a time limit in milliseconds; `stop` ends it. */
  commandDestination(command: readonly string[], timeoutMs: number, stop: StopRequest): Destination;
  /** Wraps destinations so that a GitHub Actions job masks the secret in its log before the first delivery. */
  maskedDestinations(destinations: readonly Destination[]): readonly Destination[];
  /** Termination signals as stop requests. */
  stopRequest(options: StopOptions): StopRequest;
  /** The keychain as a destination. */
  keychainDestination(keychain: Keychain): Destination;
  /** The keychain that all secrets of the command are delivered to; `tell` as for {@link Host.keychain}. */
  commonKeychain(tell: (text: string) => void): Keychain;
  /**
   * Opens the keychain; the caller must close it.
   *
   * @param tell is called while the keychain waits to be unlocked; with a terminal or a display it may wait a minute
   *   then, without `tell` only the time limit of a program
   */
  keychain(tell?: (text: string) => void): Keychain;
  /** Runs a program with additional environment variables, masking the given texts in its output. */
  runProgram(
    command: readonly string[],
    variables: Readonly<Record<string, string>>,
    masked: readonly string[],
  ): Promise<ProgramOutcome>;
  /** What can be scanned for secrets, loaded lazily. */
  scanSources(): Promise<ScanSources>;
  /** Starts a pager, a line for the shell, with additional environment variables; it has the terminal's keys. */
  openPager(command: string, variables: Readonly<Record<string, string>>): Promise<Pager>;
  /** Whether a program of that name can be found and executed. */
  hasProgram(name: string): boolean;
  /** Environment variables withheld from programs, at least in part, as they are not valid UTF-8. */
  variablesLeftOut(): readonly string[];
  /**
   * Ends the process at once, by a signal: an exit waits for calls that are blocked in the thread pool, such as a name
   * that the resolver does not answer for. Synchronous output has been written by then.
   */
  abandonProcess(signal: 'SIGKILL' | 'SIGTERM'): void;
  /** Interactive prompts, loaded lazily. */
  prompts(look?: Pick<GlobalOptions, 'color'>): Promise<Prompts>;
}

/** Replacements for tests. */
export interface HostOverrides {
  readonly clock?: Clock;
  readonly random?: Random;
  readonly hasher?: SecretHasher;
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly observe?: (step: DeliveryStep) => void;
  readonly brokenProgram?: Host['brokenProgram'];
}
