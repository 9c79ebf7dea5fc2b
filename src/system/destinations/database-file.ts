import { errno } from '../../files/errno.js';
import { lookInto } from './output-file.js';

/** Header of every SQLite database (https://www.sqlite.org/fileformat.html §1.3). */
const MAGIC = Buffer.from('SQLite format 3\0', 'latin1');

/** Suffixes of the files that SQLite keeps beside an open database. */
const SIBLINGS = /-(?:wal|shm|journal)$/;

/** Whether a path is an SQLite database, such as the store, or a file that SQLite keeps beside one. */
export function belongsToDatabase(path: string): boolean {
  return isDatabase(path) || (SIBLINGS.test(path) && isDatabase(path.replace(SIBLINGS, '')));
}

function isDatabase(path: string): boolean {
  try {
    return lookInto(path, MAGIC.length).start.equals(MAGIC);
  } catch (fault) {
    if (errno(fault) !== null) return false;
    throw fault;
  }
}
