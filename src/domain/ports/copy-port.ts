import type { AuditEntry, Store } from './store-port.js';

/** Values of a row, in column order. */
export type Row = readonly (string | number | null)[];

/** Shape of a table for copying. */
export interface TableShape {
  readonly name: string;
  readonly columns: readonly string[];
  /** Column positions of the primary key, whose byte order the rows are read in. */
  readonly key: readonly number[];
  /** Tables that refer to this one, directly or indirectly; each before those it refers to. */
  readonly dependents: readonly string[];
}

/** Digest for comparing two tables: row count and SHA-256 of all rows in key order. */
export interface TableDigest {
  readonly rows: number;
  readonly sha256: string;
}

/** Reads whole tables in batches. */
export interface TableReader {
  /**
   * The next rows in key order.
   *
   * @param after the key of the row before them; null for the first ones
   */
  rows(table: TableShape, after: Row | null, limit: number): Promise<readonly Row[]>;
  count(table: TableShape): Promise<number>;
  /** @param onRows called with the size of each batch that was read */
  digest(table: TableShape, onRows: (count: number) => void): Promise<TableDigest>;
}

/** The source of a copy. */
export interface CopySource {
  /** The user's name for it. */
  readonly location: string;
  readonly store: Store;
  /** Every table, each after those it refers to. */
  readonly tables: readonly TableShape[];
  /** Runs `look` in one snapshot of the store; concurrent writes are not blocked. */
  inSnapshot<T>(look: (snapshot: TableReader) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/** An incomplete copy, which the program does not open as a store. */
export interface CopyDraft extends TableReader {
  /** Whether an earlier command began it. */
  readonly isResumed: boolean;
  /** Inserts rows atomically; durable on return. */
  insert(table: TableShape, rows: readonly Row[]): Promise<void>;
  /** Deletes the rows after a key, or all, and every row in dependent tables. */
  clearAfter(table: TableShape, after: Row | null): Promise<void>;
  /**
   * Turns the draft into a store: sets its own id, appends an event, verifies the audit trail, and renames it
   * into place atomically.
   *
   * @throws CredctlError `integrity` for an altered trail; `conflict` when something was created there
   *   concurrently
   */
  complete(change: CopyCompletion): Promise<{ readonly events: number; readonly head: string }>;
  /** Deletes the draft. */
  discard(): Promise<void>;
  /** Closes the draft; an incomplete one is kept for resumption. */
  close(): Promise<void>;
}

/** How a copy differs from its source. */
export interface CopyCompletion {
  readonly storeId: string;
  readonly entry: AuditEntry;
  /** Epoch milliseconds. */
  readonly now: number;
}

/** The target of a copy. */
export interface CopyTarget {
  readonly engine: 'sqlite' | 'postgres';
  readonly location: string;
  /**
   * Begins a copy, or resumes an interrupted one.
   *
   * @param sourceId id of the source store
   * @param now epoch milliseconds
   * @throws CredctlError `conflict` when the target holds something else, or another command is copying to it
   */
  open(sourceId: string, now: number): Promise<CopyDraft>;
  close(): Promise<void>;
}

/** Progress reports of long operations. */
export interface WorkWatch {
  /**
   * Reports the growth of a file, also while the event loop is blocked.
   *
   * @returns ends the report
   */
  readonly file: (phase: string, path: string, expectedBytes: number) => () => Promise<void>;
  /** Begins a progress report with a known total. */
  readonly count: (phase: string, total: number) => CountedWork;
}

/** Work with a countable total. */
export interface CountedWork {
  advance(count: number): void;
  end(): void;
}
