import type { StoreTable } from '../../schema/tables.js';
import type { SqlValue } from '../../sql/connection.js';
import { TOKEN_OF_ID } from '../../sql/token-rows.js';
import type { SqliteStatement } from '../../sqlite/driver/database.js';
import { COMPARED_VERSION, LAST_USE, OPEN_LEAKS, SERVED_VERSION } from '../queries.js';
import type { OpenFile } from './followed-file.js';

/** Busy timeout of reads, in milliseconds. In WAL mode a read waits only while the WAL is being recovered. */
const READ_BUSY_MS = 50;

/**
 * KiB of SQLite's page cache, enough for the upper pages of each B-tree; the operating system's cache holds the
 * rest.
 */
const CACHE_KIB = 4_096;

/** Settings and catalog, which every request needs, as one row. */
const METADATA = 'select s.*, c.document from store s, catalog c where s.id = 1 and c.id = 1';

/** An open file with the statements that a server reads by. */
export interface ReadableFile extends OpenFile {
  readonly generation: SqliteStatement<[], number>;
  readonly token: SqliteStatement<[string], SqlValue[]>;
  readonly version: SqliteStatement<[string], SqlValue[]>;
  readonly compared: SqliteStatement<[string], SqlValue[]>;
  readonly lastUse: SqliteStatement<[string], number | null>;
  readonly openLeaks: SqliteStatement<[], number>;
  readonly metadata: SqliteStatement<[], StoreTable & { readonly document: string }>;
  readonly begin: SqliteStatement<[]>;
  readonly end: SqliteStatement<[]>;
}

/** Prepares a file for reading. */
export function readable(opened: OpenFile): ReadableFile {
  opened.database.pragma(`busy_timeout = ${READ_BUSY_MS}`);
  opened.database.pragma(`cache_size = -${CACHE_KIB}`);
  return {
    ...opened,
    generation: opened.database.prepare<[], number>('select value from generation where id = 1').pluck(),
    token: opened.database.prepare<[string], SqlValue[]>(TOKEN_OF_ID).raw(),
    version: opened.database.prepare<[string], SqlValue[]>(SERVED_VERSION).raw(),
    compared: opened.database.prepare<[string], SqlValue[]>(COMPARED_VERSION).raw(),
    lastUse: opened.database.prepare<[string], number | null>(LAST_USE).pluck(),
    openLeaks: opened.database.prepare<[], number>(OPEN_LEAKS).pluck(),
    metadata: opened.database.prepare<[], StoreTable & { readonly document: string }>(METADATA),
    begin: opened.database.prepare('begin'),
    end: opened.database.prepare('rollback'),
  };
}
