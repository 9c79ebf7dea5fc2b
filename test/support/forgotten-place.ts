import { existsSync } from 'node:fs';
import Database from 'better-sqlite3';

/**
 * Lets a store in a file forget where it is, so that a copy of the file is no copy for the program but a store that has
 * yet to remember its place. Leaves alone what is no store, what is in use, and what was cut off.
 */
export function forgetPlace(path: string): void {
  if (!existsSync(path) || existsSync(`${path}-wal`)) return;
  try {
    const database = new Database(path, { fileMustExist: true });
    try {
      database.exec('update store set place = null');
    } finally {
      database.close();
    }
  } catch {
    // A file that a test has spoilt on purpose.
  }
}
