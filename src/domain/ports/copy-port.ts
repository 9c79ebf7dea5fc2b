import type { AuditEntry, Store } from './store-port.js';

/** The values of a row, in the order of its table's columns. */
export type Row = readonly (string | number | null)[];

/** A table of the store as a copy sees it. */
export interface TableShape {
  readonly name: string;
  readonly columns: readonly string[];
  /** Where the columns of the primary key are among them: rows are in its order, byte by byte. */
  readonly key: readonly number[];
  /** The tables whose rows refer to rows of this one, directly or not, each before those that it refers to. */
  readonly dependents: readonly string[];
}

/** What two tables have in common when they hold the same: how many rows, and the SHA-256 of all of them in order. */
export interface TableDigest {
  readonly rows: number;
  readonly sha256: string;
}

/** Reads whole tables. */
export interface TableReader {
  /**
   * The rows that follow in the order of the key.
   *
   * @param after the key of the row before them; null for the first ones
   */
  rows(table: TableShape, after: Row | null, limit: number): Promise<readonly Row[]>;
  count(table: TableShape): Promise<number>;
  /** @param onRows told of every batch of rows that has been read */
  digest(table: TableShape, onRows: (count: number) => void): Promise<TableDigest>;
}

/** A store that is copied. */
export interface CopySource {
  /** How the user calls it. */
  readonly location: string;
  readonly store: Store;
  /** Every table of a store, each after those that its rows refer to. */
  readonly tables: readonly TableShape[];
  /** Runs `look` on the store as it is at one moment; others may write meanwhile. */
  inOneView<T>(look: (view: TableReader) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/** A copy that is not complete, which nobody can mistake for a store. */
export interface CopyDraft extends TableReader {
  /** Whether an earlier command has begun it. */
  readonly isResumed: boolean;
  /** Adds rows, all of them or none; they are on the disk on return. */
  insert(table: TableShape, rows: readonly Row[]): Promise<void>;
  /** Removes the rows after a key, or all, and everything in tables that depend on this one. */
  clearAfter(table: TableShape, after: Row | null): Promise<void>;
  /**
   * Makes a store of it: gives it an id of its own, adds an event, verifies the audit trail, and puts it in its place
   * in one step.
   *
   * @throws CredctlError `integrity` for a trail that was altered; `conflict` when something stands there meanwhile
   */
  complete(change: CopyCompletion): Promise<{ readonly events: number; readonly head: string }>;
  /** Removes it. */
  discard(): Promise<void>;
  /** Lets go of it; what is not complete stays for the next command. */
  close(): Promise<void>;
}

/** How a copy differs from the store that it was made of. */
export interface CopyCompletion {
  readonly storeId: string;
  readonly entry: AuditEntry;
  /** Epoch milliseconds. */
  readonly now: number;
}

/** The place for a copy. */
export interface CopyTarget {
  readonly engine: 'sqlite' | 'postgres';
  readonly location: string;
  /**
   * Begins a copy, or goes on with one that was cut off.
   *
   * @param sourceId id of the store that is copied
   * @param now epoch milliseconds
   * @throws CredctlError `conflict` when there is something else, or while another command makes a copy there
   */
  open(sourceId: string, now: number): Promise<CopyDraft>;
  close(): Promise<void>;
}

/** Tells somebody who waits how far long work has come. */
export interface WorkWatch {
  /** Watches a file grow, also while the program itself cannot tell. @returns what ends it */
  readonly file: (phase: string, path: string, expectedBytes: number) => () => Promise<void>;
  /** Is told how much of it is done. */
  readonly count: (phase: string, total: number) => CountedWork;
}

/** Work whose parts can be counted. */
export interface CountedWork {
  advance(count: number): void;
  end(): void;
}
