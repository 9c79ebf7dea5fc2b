import { rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { conflictError } from '../../domain/errors.js';
import type { CopyCompletion, CopyDraft, Row, TableShape } from '../../domain/ports/copy-port.js';
import { shellWord } from '../../domain/text/quote.js';
import { publish, syncDirectory, syncFile } from '../../files/atomic.js';
import { SQLITE } from '../schema/dialects.js';
import { SCHEMA_NUMBER } from '../schema/number.js';
import { schemaStatements } from '../schema/statements.js';
import { placeholders, type SqlConnection } from '../sql/connection.js';
import { noteBeginning, requireSameCopy, UNFINISHED, UNFINISHED_TABLE } from '../sql/unfinished-copy.js';
import { openDatabase } from '../sqlite/connection.js';
import type { SqliteDatabase } from '../sqlite/driver/database.js';
import { isDiskFull, sqliteFault } from '../sqlite/fault.js';
import { shown } from '../sqlite/file/access.js';
import { type DraftPlace, makePrivateFile, removeDirectory } from '../sqlite/file/draft-place.js';
import { APPLICATION_ID } from '../sqlite/file/header.js';
import { fileFault } from '../sqlite/file/vacuum.js';
import { sqliteConnection } from '../sqlite/sql-connection.js';
import { createTextIndex, fillTextIndex } from '../sqlite/text-index.js';
import { SqliteTransactions } from '../sqlite/transaction.js';
import { completeCopy } from './completion.js';
import { keyColumns, tableReader } from './table-reader.js';

/**
 * Opens or creates the database of a copy in progress. It has no application_id until it is complete, and is
 * published under the store's name last.
 *
 * @param release releases the lock on the place
 * @throws CredctlError `conflict` for an unfinished copy of another store or schema
 */
export async function openSqliteDraft(
  place: DraftPlace,
  sourceId: string,
  now: number,
  release: () => void,
): Promise<CopyDraft> {
  let opened = openFile(place);
  // A complete copy that was not published may be outdated by now, so it is discarded.
  if (opened.database.pragma('application_id', { simple: true }) === APPLICATION_ID) {
    opened.database.close();
    removeDatabase(place);
    opened = openFile(place);
  }
  const { database, connection, transactions } = opened;
  try {
    const isResumed =
      database.prepare('select 1 from sqlite_schema where name = ?').get(UNFINISHED) !== undefined;
    if (isResumed) {
      const remedy = `remove the unfinished copy, or choose another destination: rm -r ${shellWord(place.directory)}`;
      await requireSameCopy(connection, sourceId, shown(place.path), remedy);
    } else {
      await transactions.run(async () => {
        for (const statement of schemaStatements(SQLITE)) database.exec(statement);
        await connection.run(UNFINISHED_TABLE, []);
        await noteBeginning(connection, sourceId, now);
      });
    }
    return new SqliteDraft(place, opened, isResumed, release);
  } catch (fault) {
    database.close();
    throw sqliteFault(fault, place.path);
  }
}

interface OpenDraft {
  readonly database: SqliteDatabase;
  readonly connection: SqlConnection;
  readonly transactions: SqliteTransactions;
}

function openFile(place: DraftPlace): OpenDraft {
  makePrivateFile(place.file);
  const database = openDatabase(place.file);
  database.pragma('journal_mode = WAL');
  return {
    database,
    connection: sqliteConnection(database, place.path),
    transactions: new SqliteTransactions(database),
  };
}

function removeDatabase({ file }: DraftPlace): void {
  for (const suffix of ['', '-wal', '-shm', '-journal']) rmSync(`${file}${suffix}`, { force: true });
}

class SqliteDraft implements CopyDraft {
  readonly isResumed: boolean;
  readonly rows: CopyDraft['rows'];
  readonly count: CopyDraft['count'];
  readonly digest: CopyDraft['digest'];
  readonly #place: DraftPlace;
  readonly #opened: OpenDraft;
  readonly #release: () => void;

  constructor(place: DraftPlace, opened: OpenDraft, isResumed: boolean, release: () => void) {
    this.isResumed = isResumed;
    this.#place = place;
    this.#opened = opened;
    this.#release = release;
    ({ rows: this.rows, count: this.count, digest: this.digest } = tableReader(opened.connection));
  }

  insert(table: TableShape, rows: readonly Row[]): Promise<void> {
    const { name, columns } = table;
    const text = `insert into ${name} (${columns.join(', ')}) values (${placeholders(columns.length)})`;
    return this.#inTransaction(async ({ connection }) => {
      for (const row of rows) await connection.run(text, row);
    });
  }

  clearAfter(table: TableShape, after: Row | null): Promise<void> {
    return this.#inTransaction(async ({ connection }) => {
      for (const name of table.dependents) await connection.run(`delete from ${name}`, []);
      const rest = after === null ? '' : `where (${keyColumns(table)}) > (${placeholders(after.length)})`;
      await connection.run(`delete from ${table.name} ${rest}`, after ?? []);
    });
  }

  complete(change: CopyCompletion): Promise<{ readonly events: number; readonly head: string }> {
    return this.#attempt(() => this.#complete(change));
  }

  async #complete(change: CopyCompletion): Promise<{ readonly events: number; readonly head: string }> {
    const { path, file, directory } = this.#place;
    const end = await this.#inTransaction(async ({ connection, database }) => {
      const audit = await completeCopy(connection, change);
      createTextIndex(database);
      fillTextIndex(database);
      database.pragma(`application_id = ${APPLICATION_ID}`);
      database.pragma(`user_version = ${SCHEMA_NUMBER}`);
      return audit;
    });
    // Truncates the WAL, which still holds overwritten pages.
    this.#opened.database.pragma('wal_checkpoint(truncate)');
    this.#opened.database.close();
    syncFile(file);
    syncDirectory(directory);
    if (!publish(file, path)) {
      throw conflictError(
        `another command has just created a store at ${shown(path)}`,
        'check that store first',
      );
    }
    await this.discard();
    syncDirectory(dirname(path));
    return end;
  }

  async discard(): Promise<void> {
    this.#opened.database.close();
    removeDirectory(this.#place);
  }

  async close(): Promise<void> {
    this.#opened.database.close();
    this.#release();
  }

  #inTransaction<T>(work: (opened: OpenDraft) => Promise<T>): Promise<T> {
    return this.#attempt(() => this.#opened.transactions.run(() => work(this.#opened)));
  }

  /**
   * On a full disk, removes the copy to free the space, unless an earlier command began it, so that it can be
   * resumed.
   */
  async #attempt<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (fault) {
      if (isDiskFull(fault, this.#place.path) && !this.isResumed) await this.discard();
      throw fileFault(fault, this.#place.path, 'write');
    }
  }
}
