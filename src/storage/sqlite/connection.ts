import { addonFault, otherRuntime } from './addon-fault.js';
import { betterSqlite, type DatabaseClass } from './driver/better-sqlite3.js';
import type { SqliteDatabase, SqliteOptions } from './driver/database.js';
import { NodeDatabase } from './driver/node-database.js';
import { type NodeSqlite, nodeSqlite } from './driver/node-sqlite.js';
import { BUSY_SECONDS, isSqliteFault } from './fault.js';

/** The libraries for SQLite, by the module that they are. */
export type LibraryName = 'better-sqlite3' | 'node:sqlite';

/**
 * The library in use, chosen once. Module state, because two of them must not open one file in a process: POSIX advisory
 * locks belong to the process, and when one library closes its descriptor, the locks of the other are lost (fcntl(2)).
 */
let chosen: LibraryName | null = null;
let Better: DatabaseClass | null = null;
let nodes: NodeSqlite | null = null;

/** The library that this thread connects with; null before its first connection. */
export function libraryInUse(): LibraryName | null {
  return chosen;
}

/** Makes this thread connect with the library that another thread of the process has chosen. */
export function useLibrary(name: LibraryName | null): void {
  chosen = name;
}

/**
 * Connects to a database file, or to the content of one in memory, without settings of this program. Every
 * connection is made here: the first one loads better-sqlite3's addon, or else Node's own SQLite.
 *
 * @throws CredctlError `store_unavailable` when neither can be loaded; SQLite's own errors unchanged
 */
export function connect(file: string | Buffer, options: SqliteOptions = {}): SqliteDatabase {
  if (chosen === 'node:sqlite') return connectWithNode(file, options);
  try {
    Better ??= betterSqlite();
    const database = new Better(file, options);
    chosen = 'better-sqlite3';
    return database;
  } catch (fault) {
    // Besides SqliteError, better-sqlite3 throws a TypeError where the directory does not exist; Deno, for every addon.
    if (isSqliteFault(fault) || (fault instanceof TypeError && otherRuntime() === null)) {
      chosen = 'better-sqlite3';
      throw fault;
    }
    if (chosen !== null || otherRuntime() !== null) throw addonFault(fault);
    return connectWithNode(file, options, fault);
  }
}

/** @param cause why better-sqlite3 could not be loaded */
function connectWithNode(file: string | Buffer, options: SqliteOptions, cause?: unknown): SqliteDatabase {
  nodes ??= nodeSqlite();
  if (nodes === null) throw addonFault(cause);
  chosen = 'node:sqlite';
  return new NodeDatabase(nodes, file, options);
}

/**
 * Loads a library, to fail before a store is created rather than halfway.
 *
 * @throws CredctlError as `connect`
 */
export function requireLibrary(): void {
  connect(':memory:').close();
}

/**
 * Opens an existing file with this program's pragmas. They belong to the connection, not to the file; only the
 * journal mode is stored in the file.
 *
 * @param busySeconds busy timeout: how long SQLite waits for a lock of another process
 */
export function openDatabase(path: string, busySeconds = BUSY_SECONDS): SqliteDatabase {
  const database = connect(path, { fileMustExist: true, timeout: busySeconds * 1_000 });
  database.exec(
    `pragma trusted_schema = off;
     pragma foreign_keys = on;
     pragma secure_delete = on;
     pragma synchronous = full;
     pragma cell_size_check = on;
     pragma cache_size = -16000`,
  );
  return database;
}
