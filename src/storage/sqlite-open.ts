import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
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
    nativeBinding: nativeBinding(),
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

/** Naming the addon spares the search for it, which takes longer than loading it. */
export function nativeBinding(): string {
  const require = createRequire(import.meta.url);
  const root = dirname(require.resolve('better-sqlite3/package.json'));
  return join(root, 'build', 'Release', 'better_sqlite3.node');
}
