import type { Database, Statement } from 'better-sqlite3';

/** More statements than the program has; only listings, with their many filters, could go on and on. */
const LIMIT = 200;

/** Prepared statements by their text: preparing one takes longer than running it. */
export class StatementCache {
  readonly #database: Database;
  readonly #statements = new Map<string, Statement<unknown[], unknown>>();
  readonly #inTuples = new Map<string, Statement<unknown[], unknown>>();

  constructor(database: Database) {
    this.#database = database;
  }

  /** Answers with rows as objects. */
  statement<Row>(text: string): Statement<unknown[], Row> {
    return this.#statement(this.#statements, text, (statement) => statement);
  }

  /** Answers with rows as lists of their values. */
  inTuples<Row>(text: string): Statement<unknown[], Row> {
    return this.#statement(this.#inTuples, text, (statement) => statement.raw());
  }

  #statement<Row>(
    known: Map<string, Statement<unknown[], unknown>>,
    text: string,
    finish: (statement: Statement<unknown[], unknown>) => Statement<unknown[], unknown>,
  ): Statement<unknown[], Row> {
    const found = known.get(text);
    if (found !== undefined) return found as Statement<unknown[], Row>;
    const prepared = finish(this.#database.prepare<unknown[], unknown>(text));
    if (known.size >= LIMIT) known.clear();
    known.set(text, prepared);
    return prepared as Statement<unknown[], Row>;
  }
}
