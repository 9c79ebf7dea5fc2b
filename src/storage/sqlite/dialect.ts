import type { Database } from 'better-sqlite3';
import {
  type CompiledQuery,
  type DatabaseConnection,
  type Driver,
  Kysely,
  type QueryResult,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely';
import type { Schema } from '../schema/tables.js';

/** A schema builder on an open database, within whatever transaction the caller has begun there. */
export function kyselyOn(database: Database): Kysely<Schema> {
  return new Kysely<Schema>({
    dialect: {
      createAdapter: () => new SqliteAdapter(),
      createDriver: () => new OneConnection(database),
      createIntrospector: (db) => new SqliteIntrospector(db),
      createQueryCompiler: () => new SqliteQueryCompiler(),
    },
  });
}

class OneConnection implements Driver, DatabaseConnection {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async init(): Promise<void> {}

  async acquireConnection(): Promise<DatabaseConnection> {
    return this;
  }

  async releaseConnection(): Promise<void> {}

  async destroy(): Promise<void> {}

  async executeQuery<Row>({ sql, parameters }: CompiledQuery): Promise<QueryResult<Row>> {
    const prepared = this.#database.prepare<unknown[], Row>(sql);
    if (prepared.reader) return { rows: prepared.all(...parameters) };
    prepared.run(...parameters);
    return { rows: [] };
  }

  beginTransaction(): Promise<void> {
    throw callersBusiness();
  }

  commitTransaction(): Promise<void> {
    throw callersBusiness();
  }

  rollbackTransaction(): Promise<void> {
    throw callersBusiness();
  }

  streamQuery<Row>(): AsyncIterableIterator<QueryResult<Row>> {
    throw new TypeError('a schema is not streamed');
  }
}

function callersBusiness(): TypeError {
  return new TypeError('transactions are begun and ended by whoever opened the database');
}
