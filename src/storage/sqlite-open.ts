import Database from 'better-sqlite3';
import { BUSY_SECONDS } from './sqlite-fault.js';

/**
 * Opens an existing file with the settings that every connection needs.
 *
 * Each of them is a property of the connection, not of the file; the journal mode alone is kept in the file.
 */
export function openDatabase(path: string): Database.Database {
  const database = new Database(path, {
    fileMustExist: true,
    timeout: BUSY_SECONDS * 1_000,
  });
  database.exec(
    `pragma trusted_schema = off;
     pragma foreign_keys = on;
     pragma secure_delete = on;
     pragma synchronous = full;
     pragma cell_size_check = on`,
  );
  return database;
}
