import Database from 'better-sqlite3';
import { addonFault, otherRuntime } from './addon-fault.js';
import { BUSY_SECONDS, isSqliteFault } from './fault.js';

/**
 * Connects to a database file, or to the content of one in memory, without settings of this program. Every
 * connection is made here, since the first one loads SQLite's addon.
 *
 * @throws CredctlError `store_unavailable` when the addon cannot be loaded; SQLite's own errors unchanged
 */
export function connect(file: string | Buffer, options: Database.Options = {}): Database.Database {
  try {
    return new Database(file, options);
  } catch (fault) {
    // Besides SqliteError, better-sqlite3 throws a TypeError where the directory does not exist; Deno, for every addon.
    if (isSqliteFault(fault) || (fault instanceof TypeError && otherRuntime() === null)) throw fault;
    throw addonFault(fault);
  }
}

/**
 * Loads the addon, to fail before a store is created rather than halfway.
 *
 * @throws CredctlError as `connect`
 */
export function requireAddon(): void {
  connect(':memory:').close();
}

/**
 * Opens an existing file with this program's pragmas. They belong to the connection, not to the file; only the
 * journal mode is stored in the file.
 *
 * @param busySeconds busy timeout: how long SQLite waits for a lock of another process
 */
export function openDatabase(path: string, busySeconds = BUSY_SECONDS): Database.Database {
  const database = connect(path, { fileMustExist: true, timeout: busySeconds * 1_000 });
  database.exec(
    `pragma trusted_schema = off;
     pragma foreign_keys = on;
     pragma secure_delete = on;
     pragma synchronous = full;
     pragma cell_size_check = on`,
  );
  return database;
}
