import {
  type CompiledQuery,
  type CreateTableNode,
  type DatabaseConnection,
  type DataTypeNode,
  type Driver,
  Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  type QueryResult,
} from 'kysely';
import type { Schema } from '../../schema/tables.js';
import type { SqlConnection } from '../../sql/connection.js';

/** A schema builder on an open connection, within whatever transaction the caller has begun there. */
export function kyselyOn(connection: SqlConnection): Kysely<Schema> {
  return new Kysely<Schema>({
    dialect: {
      createAdapter: () => new PostgresAdapter(),
      createDriver: () => new OneConnection(connection),
      createIntrospector: (db) => new PostgresIntrospector(db),
      createQueryCompiler: () => new SchemaCompiler(),
    },
  });
}

/** What is different from SQLite in the definition of a table. */
class SchemaCompiler extends PostgresQueryCompiler {
  /** SQLite compares texts byte by byte; a database does as its locale says, unless it is told. */
  protected override visitDataType(node: DataTypeNode): void {
    super.visitDataType(node);
    if (node.dataType === 'text') this.append(' collate "C"');
  }

  /** How SQLite is to keep the rows of a table is written after its definition. */
  protected override visitCreateTable(node: CreateTableNode): void {
    super.visitCreateTable({ ...node, endModifiers: [] });
  }
}

class OneConnection implements Driver, DatabaseConnection {
  readonly #connection: SqlConnection;

  constructor(connection: SqlConnection) {
    this.#connection = connection;
  }

  async init(): Promise<void> {}

  async acquireConnection(): Promise<DatabaseConnection> {
    return this;
  }

  async releaseConnection(): Promise<void> {}

  async destroy(): Promise<void> {}

  async executeQuery<Row>({ sql }: CompiledQuery): Promise<QueryResult<Row>> {
    await this.#connection.run(sql, []);
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
  return new TypeError('transactions are begun and ended by whoever opened the connection');
}
