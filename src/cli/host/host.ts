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
import type { NewStore, Store } from '../../domain/ports/store-port.js';
import type { Catalog } from '../../domain/scope/catalog.js';
import type { DeliveryStep } from '../../usecases/dependencies.js';
import type { GlobalOptions } from '../flags/global.js';
import type { Prompts } from '../prompts/prompts.js';

/** Signals that whoever read the output has gone away. */
export class BrokenPipe extends Error {
  override readonly name = 'BrokenPipe';
}

/** One of the two streams that a command writes to. */
export interface Output {
  readonly isTerminal: boolean;
  /** Whether it is closed or the null device, where what is written is lost. */
  readonly isDiscarded: boolean;
  /** Columns of the terminal; 80 where it does not say. */
  readonly columns: number;
  /** Writes all of it before it returns. @throws BrokenPipe when the reader has gone */
  write(text: string): void;
}

/** How a command refers to a store. */
export interface StoreReference {
  /** The value of `--store`. */
  readonly store: string | undefined;
}

/** How a server is to be run. */
export interface ServeSettings {
  readonly host: string;
  /** 0 for any that is free. */
  readonly port: number;
  readonly publicUrl: string | null;
  readonly allowedHosts: readonly string[];
  /** Networks in CIDR notation. */
  readonly trustProxy: readonly string[];
  /** Requests of one address per second; 0 for no limit. */
  readonly rateLimit: number;
  readonly logFormat: 'json' | 'text';
  /** Whether good requests are logged as well. */
  readonly logsAll: boolean;
  /** Connections to a PostgreSQL database at most. */
  readonly connections: number;
}

/** A server that answers requests. */
export interface ServerProcess {
  /** Where it listens. */
  readonly url: string;
  /** The catalog of its store. */
  catalog(): Promise<Catalog>;
  /**
   * Waits until it is asked to end, finishes what is in flight, for at most so many milliseconds, and closes
   * everything.
   */
  untilEnded(drainTimeoutMs: number): Promise<void>;
}

/** Everything that the commands know of the world outside: streams, environment, clock, stores. */
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
  /** Everything on standard input as text. @throws CredctlError `usage` when it is unreasonably long */
  readInput(): string;
  /** A file's text. @throws CredctlError `not_found` */
  readFile(path: string): string;
  config(): Promise<Config>;
  /** Opens a store for commands that only look; in a file, it waits so many seconds for another process, or as long as ever. */
  openForReading(
    reference: StoreReference,
    newStore: (config: Config) => NewStore,
    busySeconds?: number,
  ): Promise<Store>;
  /** Opens a store for commands that change it; the first change creates it, and one of an older schema is migrated. */
  openForWriting(
    reference: StoreReference,
    newStore: (config: Config) => NewStore,
    onCreated: (location: string) => void,
    onMigrated?: (migrated: Migrated) => void,
  ): Promise<Store>;
  initStore(reference: StoreReference, newStore: (config: Config) => NewStore): Promise<Store>;
  /** Starts a server on a store; the default one is created where there is none. */
  startServer(
    reference: StoreReference,
    newStore: (config: Config) => NewStore,
    onCreated: (location: string) => void,
    settings: ServeSettings,
  ): Promise<ServerProcess>;
  /** A store as a whole; `tells` where somebody wants to know how far long work has come. */
  maintenance(reference: StoreReference, tells: boolean): Promise<StoreMaintenance>;
  /** The home directory; null where the account has none. */
  home(): string | null;
  /** Where relative paths begin. @throws CredctlError `store_unavailable` when it does not exist any more */
  workingDirectory(): string;
  /** A path as the user gave it, made absolute. @throws CredctlError `usage` for one that is not valid UTF-8 */
  absolutePath(path: string): string;
  stdoutDestination(render: (delivery: Delivery) => string): Destination;
  /** `tell` is told what else a reader of the file may have to know, once the delivery is confirmed. */
  fileDestination(
    path: string,
    force: boolean,
    render: (delivery: Delivery) => string,
    tell?: (text: string) => void,
  ): Destination;
  /**
   * A command and its arguments as the place where a secret goes; it may take so many milliseconds, and `stop` ends it.
   */
  commandDestination(command: readonly string[], timeoutMs: number, stop: StopRequest): Destination;
  /** The same places; but before the first of them has the secret, a GitHub Actions job is told to hide it in its log. */
  maskedDestinations(destinations: readonly Destination[]): readonly Destination[];
  /** The signals that ask this program to end. */
  stopRequest(options: StopOptions): StopRequest;
  /** The keychain as the place where a secret goes; without one, that which all of a command's secrets go to. */
  keychainDestination(keychain?: Keychain): Destination;
  /** A way to the keychain, which is to be closed. */
  keychain(): Keychain;
  /** Runs a program with more variables than it would have. Texts in `masked` are hidden in its output. */
  runProgram(
    command: readonly string[],
    variables: Readonly<Record<string, string>>,
    masked: readonly string[],
  ): Promise<ProgramOutcome>;
  /** Environment variables that programs do not get, at least not in full, since they are not valid UTF-8. */
  variablesLeftOut(): readonly string[];
  /** Questions to the person at the terminal; loaded when the first one is asked. */
  prompts(look?: Pick<GlobalOptions, 'color'>): Promise<Prompts>;
}

/** What tests put in the place of the machine's own. */
export interface HostOverrides {
  readonly clock?: Clock;
  readonly random?: Random;
  readonly hasher?: SecretHasher;
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly observe?: (step: DeliveryStep) => void;
}
