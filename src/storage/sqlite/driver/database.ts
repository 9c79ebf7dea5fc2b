/** What this program uses of a library for SQLite; better-sqlite3 is of this shape, {@link file://./node-database.ts} is made so. */
export interface SqliteDatabase {
  /** The path, as it was opened. */
  readonly name: string;
  /** Whether it has not been closed. */
  readonly open: boolean;
  readonly inTransaction: boolean;
  prepare<Parameters extends unknown[] = unknown[], Row = unknown>(
    text: string,
  ): SqliteStatement<Parameters, Row>;
  /** Runs statements that take no parameters, and drops their rows. */
  exec(text: string): unknown;
  /** The rows of a pragma, or with `simple` the first value of the first row. */
  pragma(text: string, options?: { readonly simple?: boolean }): unknown;
  /** Does nothing when it is closed already. */
  close(): unknown;
}

/** A prepared statement. Parameters are strings, numbers and null; numbers are given back with the precision of a double. */
export interface SqliteStatement<Parameters extends unknown[] = unknown[], Row = unknown> {
  /** Its text. */
  readonly source: string;
  all(...parameters: Parameters): Row[];
  get(...parameters: Parameters): Row | undefined;
  run(...parameters: Parameters): { readonly changes: number };
  /** From now on, rows are lists of values. */
  raw(): this;
  /** From now on, rows are their first value. */
  pluck(): this;
}

/** How a file is opened. By default it is created where it is missing, and may be written. */
export interface SqliteOptions {
  readonly readonly?: boolean;
  readonly fileMustExist?: boolean;
  /** Busy timeout in milliseconds; 5,000 by default. */
  readonly timeout?: number;
}
