import { errno } from '../../files/errno.js';
import { lookInto } from './output-file.js';

/** The first bytes of every SQLite database (https://www.sqlite.org/fileformat.html §1.3). */
const MAGIC = Buffer.from('SQLite format 3\0', 'latin1');

/** What SQLite keeps beside a database while it is open. */
const SIBLINGS = /-(?:wal|shm|journal)$/;

/** Whether a path is that of an SQLite database, the store for example, or of a file that SQLite keeps beside one. */
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
