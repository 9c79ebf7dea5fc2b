import type { Database } from 'better-sqlite3';
import {
  CompiledQuery,
  type DatabaseConnection,
  type Driver,
  Kysely,
  type QueryResult,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely';
import type { Schema } from './schema.js';
import { BUSY_SECONDS, isBusy } from './sqlite-fault.js';
import { StatementCache } from './statement-cache.js';

/** A query builder on an open database; it takes its turn with everyone else in this process. */
export function kyselyOn(database: Database): Kysely<Schema> {
  return new Kysely<Schema>({
    dialect: {
      createAdapter: () => new SqliteAdapter(),
      createDriver: () => new ImmediateDriver(database),
      createIntrospector: (db) => new SqliteIntrospector(db),
      createQueryCompiler: () => new SqliteQueryCompiler(),
    },
  });
}

/**
 * One connection that is lent to one transaction at a time. Transactions take the write lock when they begin,
 * since a lock taken halfway can only fail, never wait.
 */
class ImmediateDriver implements Driver {
  readonly #database: Database;
  readonly #connection: DatabaseConnection;
  #lastTurn: Promise<void> = Promise.resolve();
  #endTurn: () => void = () => {};

  constructor(database: Database) {
    this.#database = database;
    this.#connection = new SqliteConnection(database);
  }

  async init(): Promise<void> {}

  async acquireConnection(): Promise<DatabaseConnection> {
    const previous = this.#lastTurn;
    let endTurn = (): void => {};
    this.#lastTurn = new Promise((resolve) => {
      endTurn = resolve;
    });
    await previous;
    this.#endTurn = endTurn;
    return this.#connection;
  }

  async beginTransaction(): Promise<void> {
    const deadline = Date.now() + BUSY_SECONDS * 1_000;
    // SQLite's own waiting asks ever more rarely, so that those who come later overtake those who wait.
    this.#database.pragma('busy_timeout = 0');
    try {
      while (!this.#tryToBegin(Date.now() >= deadline)) {
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1 + Math.random() * 9);
      }
    } finally {
      this.#database.pragma(`busy_timeout = ${BUSY_SECONDS * 1_000}`);
    }
  }

  #tryToBegin(isLastTry: boolean): boolean {
    try {
      this.#database.exec('begin immediate');
      return true;
    } catch (fault) {
      if (isLastTry || !isBusy(fault)) throw fault;
      return false;
    }
  }

  async commitTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw('commit'));
  }

  /** After some failures, such as a full disk, SQLite has rolled back by itself. */
  async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    if (!this.#database.inTransaction) return;
    await connection.executeQuery(CompiledQuery.raw('rollback'));
  }

  async releaseConnection(): Promise<void> {
    this.#endTurn();
  }

  async destroy(): Promise<void> {}
}

class SqliteConnection implements DatabaseConnection {
  readonly #statements: StatementCache;

  constructor(database: Database) {
    this.#statements = new StatementCache(database);
  }

  async executeQuery<Row>(query: CompiledQuery): Promise<QueryResult<Row>> {
    const prepared = this.#statements.statement<Row>(query.sql);
    if (prepared.reader) return { rows: prepared.all(...query.parameters) };
    const { changes } = prepared.run(...query.parameters);
    return { rows: [], numAffectedRows: BigInt(changes) };
  }

  // biome-ignore lint/correctness/useYield: the interface asks for a generator, and nothing here streams
  async *streamQuery<Row>(): AsyncIterableIterator<QueryResult<Row>> {
    throw new TypeError('this driver does not stream');
  }
}
