import type { SqliteDatabase, SqliteStatement } from './driver/database.js';

/** Upper bound of cached statements. Only listings, with their many combinations of filters, can reach it. */
const LIMIT = 200;

/** Cache of prepared statements by their text: preparing one takes longer than running it. Cleared when it is full. */
export class StatementCache {
  readonly #database: SqliteDatabase;
  readonly #statements = new Map<string, SqliteStatement<unknown[], unknown>>();
  readonly #inTuples = new Map<string, SqliteStatement<unknown[], unknown>>();

  constructor(database: SqliteDatabase) {
    this.#database = database;
  }

  /** A statement that returns rows as objects. */
  statement<Row>(text: string): SqliteStatement<unknown[], Row> {
    return this.#statement(this.#statements, text, (statement) => statement);
  }

  /** A statement that returns rows as lists of values. */
  inTuples<Row>(text: string): SqliteStatement<unknown[], Row> {
    return this.#statement(this.#inTuples, text, (statement) => statement.raw());
  }

  #statement<Row>(
    known: Map<string, SqliteStatement<unknown[], unknown>>,
    text: string,
    finish: (statement: SqliteStatement<unknown[], unknown>) => SqliteStatement<unknown[], unknown>,
  ): SqliteStatement<unknown[], Row> {
    const found = known.get(text);
    if (found !== undefined) return found as SqliteStatement<unknown[], Row>;
    const prepared = finish(this.#database.prepare<unknown[], unknown>(text));
    if (known.size >= LIMIT) known.clear();
    known.set(text, prepared);
    return prepared as SqliteStatement<unknown[], Row>;
  }
}
