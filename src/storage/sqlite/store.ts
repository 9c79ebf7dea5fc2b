import { statSync } from 'node:fs';
import type { StorePlacing } from '../../domain/ports/store-placing.js';
import type {
  AuditVerification,
  Finding,
  NewStore,
  RecordedEvent,
  Scrubbed,
  Store,
  StoreStatistics,
  StoreTransaction,
} from '../../domain/ports/store-port.js';
import { SCHEMA_NUMBER } from '../schema/number.js';
import type { SqlConnection } from '../sql/connection.js';
import { SqlReader } from '../sql/reader.js';
import { libraryInUse, openDatabase } from './connection.js';
import type { SqliteDatabase } from './driver/database.js';
import { BUSY_SECONDS, sqliteFault } from './fault.js';
import { APPLICATION_ID, inspectStoreFile } from './file/header.js';
import { identityOf, refuseReplaced } from './file/identity.js';
import { futurePlace, placed, placingOf } from './file/place.js';
import { refuseMigrated, requireSchemaOfFile, requireSchemaThrough } from './file/schema.js';
import { sqliteConnection } from './sql-connection.js';
import { createTextIndex } from './text-index.js';
import { SqliteTransactions } from './transaction.js';

/**
 * Opens the store in a file.
 *
 * @param busySeconds busy timeout: how long it waits for a lock of another process
 * @returns null when there is no such file
 */
export function openSqliteStore(path: string, busySeconds = BUSY_SECONDS): SqliteStore | null {
  const schema = inspectStoreFile(path, SCHEMA_NUMBER);
  if (schema === null) return null;
  const identity = identityOf(path);
  requireSchemaOfFile(path, schema);
  try {
    const database = requireSchemaThrough(openDatabase(path, busySeconds), path);
    return new SqliteStore(database, path, { identity, busySeconds });
  } catch (fault) {
    throw sqliteFault(fault, path);
  }
}

/**
 * Creates a store with its first rows.
 *
 * @param now epoch milliseconds
 * @returns whether this call created it; false when a concurrent call did
 */
export async function createSqliteStore(
  path: string,
  store: NewStore & { readonly id: string },
  now: number,
): Promise<boolean> {
  const [{ createStoreFile }, { seedStore }, { SQLITE }, { schemaStatements }] = await Promise.all([
    import('./create.js'),
    import('../sql/seed.js'),
    import('../schema/dialects.js'),
    import('../schema/statements.js'),
  ]);
  try {
    return await createStoreFile(path, async (database) => {
      database.pragma(`application_id = ${APPLICATION_ID}`);
      await new SqliteTransactions(database).run(async () => {
        for (const statement of schemaStatements(SQLITE)) database.exec(statement);
        const connection = sqliteConnection(database, path);
        await seedStore(connection, store, now);
        await connection.run('update store set place = ?', [futurePlace(database.name, path)]);
        createTextIndex(database);
      });
      database.pragma(`user_version = ${SCHEMA_NUMBER}`);
    });
  } catch (fault) {
    throw sqliteFault(fault, path);
  }
}

interface SqliteStoreOptions {
  /** Device and inode of the file, where its path may be taken over by another file. */
  readonly identity?: string | null;
  /** Busy timeout of write transactions, in seconds. */
  readonly busySeconds?: number;
  /** The path that messages name, where the file itself is a draft. */
  readonly location?: string;
}

/** A store in one SQLite file. */
export class SqliteStore extends SqlReader implements Store {
  readonly clock = null;
  readonly #database: SqliteDatabase;
  readonly #path: string;
  readonly #location: string;
  readonly #identity: string | null;
  readonly #connection: SqlConnection;
  readonly #transactions: SqliteTransactions;
  readonly #busySeconds: number;
  #isPlaceKnown = false;

  constructor(
    database: SqliteDatabase,
    path: string,
    { identity = null, busySeconds = BUSY_SECONDS, location = path }: SqliteStoreOptions = {},
  ) {
    const connection = sqliteConnection(database, location);
    super(connection);
    this.#database = database;
    this.#path = path;
    this.#location = location;
    this.#identity = identity;
    this.#connection = connection;
    this.#transactions = new SqliteTransactions(database, busySeconds);
    this.#busySeconds = busySeconds;
  }

  async write<T>(work: (transaction: StoreTransaction) => Promise<T>): Promise<T> {
    const { SqlTransaction } = await import('../sql/transaction.js');
    try {
      return await this.#transactions.run(async () => {
        refuseReplaced(this.#path, this.#identity);
        refuseMigrated(this.#database, this.#path);
        const transaction = new SqlTransaction(this.#connection);
        const result = await work(transaction);
        await transaction.finish();
        await this.#rememberPlace();
        return result;
      });
    } catch (fault) {
      throw sqliteFault(fault, this.#location);
    }
  }

  async placing(): Promise<StorePlacing> {
    try {
      return await placingOf(this.#database, this.#path);
    } catch (fault) {
      throw sqliteFault(fault, this.#location);
    }
  }

  /** Records the file's place, within a transaction; not for drafts, whose path is temporary. */
  async #rememberPlace(): Promise<void> {
    if (this.#isPlaceKnown || this.#identity === null) return;
    const { placing, toRemember } = await placed(this.#database, this.#path);
    if (toRemember !== null) await this.#connection.run('update store set place = ?', [toRemember]);
    this.#isPlaceKnown = placing.kind === 'same' && toRemember === null;
  }

  async statistics(): Promise<StoreStatistics> {
    const [counts] = await this.#connection.all<{ credentials: number; owners: number }>(
      'select (select count(*) from credential) as credentials, (select count(*) from owner) as owners',
      [],
    );
    return {
      engine: 'sqlite',
      ...(libraryInUse() === 'node:sqlite' ? { library: 'node:sqlite' } : {}),
      location: this.#path,
      schema: SCHEMA_NUMBER,
      credentials: counts?.credentials ?? 0,
      owners: counts?.owners ?? 0,
      sizeBytes: statSync(this.#path).size,
    };
  }

  override verifyAudit(expectedHead: string | null): Promise<AuditVerification> {
    return this.#inSnapshot(() => super.verifyAudit(expectedHead));
  }

  override async *exportAudit(after?: number): AsyncGenerator<readonly RecordedEvent[]> {
    this.#execute('begin');
    try {
      yield* super.exportAudit(after);
    } finally {
      this.#endView();
    }
  }

  override async auditFrom(seq: number): Promise<readonly RecordedEvent[]> {
    // An open file goes on being readable when its name leads to another store, or to none.
    refuseReplaced(this.#path, this.#identity);
    return super.auditFrom(seq);
  }

  /** Runs several queries in one read transaction, hence on one snapshot. */
  async #inSnapshot<T>(look: () => Promise<T>): Promise<T> {
    this.#execute('begin');
    try {
      return await look();
    } finally {
      this.#endView();
    }
  }

  /** Ends a read transaction; after damage, SQLite may have ended it already. */
  #endView(): void {
    try {
      if (this.#database.inTransaction) this.#database.exec('rollback');
    } catch {}
  }

  #execute(text: string): void {
    try {
      this.#database.exec(text);
    } catch (fault) {
      throw sqliteFault(fault, this.#location);
    }
  }

  async check(now: number): Promise<readonly Finding[]> {
    const [{ checkSqlite }, { checkFiles }] = await Promise.all([
      import('./check.js'),
      import('./check-files.js'),
    ]);
    return [...(await this.#inSnapshot(() => checkSqlite(this.#connection, now))), ...checkFiles(this.#path)];
  }

  async scrub(): Promise<Scrubbed> {
    try {
      this.#database.pragma('busy_timeout = 2000');
      const [result] = this.#database.pragma('wal_checkpoint(truncate)') as { busy: number }[];
      return result?.busy === 0 ? 'done' : 'log-held';
    } catch (fault) {
      throw sqliteFault(fault, this.#location);
    } finally {
      this.#database.pragma(`busy_timeout = ${this.#busySeconds * 1_000}`);
    }
  }

  async close(): Promise<void> {
    this.#database.close();
  }
}
