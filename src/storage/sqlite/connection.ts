import Database from 'better-sqlite3';
import { addonFault } from './addon-fault.js';
import { BUSY_SECONDS, isSqliteFault } from './fault.js';

/**
 * Connects to the database in a file, or to the content of one, without any settings of our own. Every connection is
 * made here, since the first one loads SQLite's addon.
 *
 * @throws CredctlError `store_unavailable` when the addon cannot be loaded; what SQLite itself throws as it is
 */
export function connect(file: string | Buffer, options: Database.Options = {}): Database.Database {
  try {
    return new Database(file, options);
  } catch (fault) {
    // Besides SQLite's own faults, a TypeError says that the directory does not exist.
    if (isSqliteFault(fault) || fault instanceof TypeError) throw fault;
    throw addonFault(fault);
  }
}

/** Loads the addon, so that what is about to make a store knows that it can. @throws CredctlError as `connect` */
export function requireAddon(): void {
  connect(':memory:').close();
}

/**
 * Opens an existing file with the settings that every connection needs.
 *
 * Each of them is a property of the connection, not of the file; the journal mode alone is kept in the file.
 *
 * @param busySeconds how long it waits for a lock that another process holds
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
