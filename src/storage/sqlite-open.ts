import Database from 'better-sqlite3';
import { BUSY_SECONDS } from './sqlite-fault.js';

/**
 * Opens an existing file with the settings that every connection needs.
 *
 * Each of them is a property of the connection, not of the file; the journal mode alone is kept in the file.
 *
 * @param busySeconds how long it waits for a lock that another process holds
 */
export function openDatabase(path: string, busySeconds = BUSY_SECONDS): Database.Database {
  const database = new Database(path, { fileMustExist: true, timeout: busySeconds * 1_000 });
  database.exec(
    `pragma trusted_schema = off;
     pragma foreign_keys = on;
     pragma secure_delete = on;
     pragma synchronous = full;
     pragma cell_size_check = on`,
  );
  return database;
}
