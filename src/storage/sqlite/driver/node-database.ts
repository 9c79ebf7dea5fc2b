import { pathToFileURL } from 'node:url';
import { codeOf } from '../../../files/errno.js';
import type { SqliteDatabase, SqliteOptions, SqliteStatement } from './database.js';
import { imageOf } from './node-image.js';
import type { DatabaseSync, NodeSqlite, StatementSync } from './node-sqlite.js';
import { resultCode } from './result-codes.js';

/** A database of `node:sqlite` that behaves as one of better-sqlite3. */
export class NodeDatabase implements SqliteDatabase {
  readonly name: string;
  readonly #database: DatabaseSync;

  /**
   * @param file a path, `:memory:`, or the content of a database
   * @throws SqliteFault; CredctlError `store_unavailable` for a content where there is no memory for it
   */
  constructor(
    { DatabaseSync }: NodeSqlite,
    file: string | Buffer,
    { readonly: readOnly = false, fileMustExist = false, timeout = 5_000 }: SqliteOptions,
  ) {
    this.name = typeof file === 'string' ? file : ':memory:';
    // All of it is said, since the defaults have changed between releases.
    const options = {
      readOnly: readOnly && typeof file === 'string',
      timeout,
      enableForeignKeyConstraints: true,
      enableDoubleQuotedStringLiterals: false,
      allowExtension: false,
      defensive: true,
    };
    // Only a URI can say that a file is to be written, and not to be created.
    const uri = (path: string): string => `${pathToFileURL(path).href}?mode=rw`;
    const open = (location: string): DatabaseSync => new DatabaseSync(location, options);
    this.#database = attempt(() => {
      if (typeof file !== 'string')
        return imageOf(file, (path) => open(path === null ? ':memory:' : uri(path)));
      return open(fileMustExist && !readOnly ? uri(file) : file);
    });
  }

  get open(): boolean {
    return this.#database.isOpen;
  }

  get inTransaction(): boolean {
    return this.#database.isOpen && this.#database.isTransaction;
  }

  prepare<Parameters extends unknown[], Row>(text: string): SqliteStatement<Parameters, Row> {
    return new NodeStatement(
      text,
      attempt(() => this.#database.prepare(text)),
    );
  }

  exec(text: string): void {
    attempt(() => this.#database.exec(text));
  }

  pragma(text: string, { simple = false }: { readonly simple?: boolean } = {}): unknown {
    const statement = this.prepare(`pragma ${text}`);
    return simple ? statement.pluck().get() : statement.all();
  }

  close(): void {
    if (this.#database.isOpen) attempt(() => this.#database.close());
  }
}

class NodeStatement<Parameters extends unknown[], Row> implements SqliteStatement<Parameters, Row> {
  readonly source: string;
  readonly #statement: StatementSync;
  #isPlucked = false;

  constructor(source: string, statement: StatementSync) {
    this.source = source;
    this.#statement = statement;
  }

  all(...parameters: Parameters): Row[] {
    const rows = this.#read(() => this.#statement.all(...parameters)) as Row[];
    return this.#isPlucked ? rows.map(first) : rows;
  }

  get(...parameters: Parameters): Row | undefined {
    const row = this.#read(() => this.#statement.get(...parameters)) as Row | undefined;
    return this.#isPlucked && row !== undefined ? first(row) : row;
  }

  run(...parameters: Parameters): { readonly changes: number } {
    return attempt(() => this.#statement.run(...parameters));
  }

  raw(): this {
    this.#statement.setReturnArrays(true);
    return this;
  }

  pluck(): this {
    this.#isPlucked = true;
    return this.raw();
  }

  /**
   * Node.js refuses integers that a number does not hold exactly; better-sqlite3 rounds them. Only tampered files have
   * them, so that they are read again, and rounded. No statement that returns rows changes any.
   */
  #read(question: () => unknown): unknown {
    try {
      return question();
    } catch (fault) {
      if (codeOf(fault) !== 'ERR_OUT_OF_RANGE') throw named(fault);
    }
    this.#statement.setReadBigInts(true);
    try {
      return rounded(attempt(question));
    } finally {
      this.#statement.setReadBigInts(false);
    }
  }
}

function first(row: unknown): never {
  return (row as readonly never[])[0] as never;
}

/** Rows in which each bigint is the nearest number. */
function rounded(rows: unknown): unknown {
  if (typeof rows === 'bigint') return Number(rows);
  if (Array.isArray(rows)) return rows.map(rounded);
  if (typeof rows !== 'object' || rows === null || ArrayBuffer.isView(rows)) return rows;
  return Object.fromEntries(Object.entries(rows).map(([name, value]) => [name, rounded(value)]));
}

function attempt<T>(action: () => T): T {
  try {
    return action();
  } catch (fault) {
    throw named(fault);
  }
}

/** An error of SQLite with the name of its code, as better-sqlite3 has it. */
class SqliteFault extends Error {
  readonly code: string;

  constructor(message: string, code: string, cause: unknown) {
    super(message, { cause });
    this.name = 'SqliteError';
    this.code = code;
  }
}

/** Node.js gives the number of a fault's extended result code in `errcode`. */
function named(fault: unknown): unknown {
  if (!(fault instanceof Error) || codeOf(fault) !== 'ERR_SQLITE_ERROR' || !('errcode' in fault))
    return fault;
  return new SqliteFault(fault.message, resultCode(Number(fault.errcode)), fault);
}
