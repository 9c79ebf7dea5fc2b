import type { Database, Statement } from 'better-sqlite3';

/** More statements than the program has; only listings, with their many filters, could go on and on. */
const LIMIT = 200;

/** Prepared statements by their text: preparing one takes longer than running it. */
export class StatementCache {
  readonly #database: Database;
  readonly #statements = new Map<string, Statement<unknown[], unknown>>();

  constructor(database: Database) {
    this.#database = database;
  }

  statement<Row>(text: string): Statement<unknown[], Row> {
    const known = this.#statements.get(text);
    if (known !== undefined) return known as Statement<unknown[], Row>;
    const prepared = this.#database.prepare<unknown[], Row>(text);
    if (this.#statements.size >= LIMIT) this.#statements.clear();
    this.#statements.set(text, prepared);
    return prepared;
  }
}
