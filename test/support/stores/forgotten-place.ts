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

/** What a command said, but that the file which it was given is a copy of another one. */
export function withoutCopyNote<Said extends { readonly stderr: string }>(said: Said): Said {
  return { ...said, stderr: said.stderr.replace(/^note: this store is a copy of .*\n/m, '') };
}
