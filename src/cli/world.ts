import type { StoreFiles } from '../domain/backup-port.js';
import type {
  Clock,
  Config,
  Delivery,
  Destination,
  Keychain,
  Processes,
  Random,
  SecretHasher,
} from '../domain/ports.js';
import type { NewStore, Store } from '../domain/store-port.js';
import type { DeliveryStep } from '../usecases/dependencies.js';
import type { GlobalOptions } from './options.js';
import type { Prompts } from './prompts.js';

/** Signals that whoever read the output has gone away. */
export class BrokenPipe extends Error {
  override readonly name = 'BrokenPipe';
}

/** One of the two streams that a command writes to. */
export interface Output {
  readonly isTerminal: boolean;
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
  /** Opens a store for commands that only look. */
  openForReading(reference: StoreReference, newStore: (config: Config) => NewStore): Promise<Store>;
  /** Opens a store for commands that change it; the first change creates it. */
  openForWriting(
    reference: StoreReference,
    newStore: (config: Config) => NewStore,
    onCreated: (location: string) => void,
  ): Promise<Store>;
  initStore(reference: StoreReference, newStore: (config: Config) => NewStore): Promise<Store>;
  /** The files of a store, for its backups; `tells` where somebody wants to know how far a long copy has come. */
  storeFiles(reference: StoreReference, tells: boolean): Promise<StoreFiles>;
  /** A path as the user gave it, made absolute. */
  absolutePath(path: string): string;
  stdoutDestination(render: (delivery: Delivery) => string): Destination;
  fileDestination(path: string, force: boolean, render: (delivery: Delivery) => string): Destination;
  /** A command and its arguments as the place where a secret goes; it may take so many milliseconds. */
  commandDestination(command: readonly string[], timeoutMs: number): Destination;
  keychainDestination(): Destination;
  /** The keychain; its time-out begins with the first request. */
  keychain(): Keychain;
  /** Runs a program with more variables than it would have; its exit status. Texts in `masked` are hidden in its output. */
  runProgram(
    command: readonly string[],
    variables: Readonly<Record<string, string>>,
    masked: readonly string[],
  ): Promise<number>;
  /** Questions to the person at the terminal; loaded when the first one is asked. */
  prompts(look?: Pick<GlobalOptions, 'color'>): Promise<Prompts>;
}
