import { errno } from '../../files/errno.js';

const MEANINGS: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  ENOENT: 'it is gone',
  ELOOP: 'a symbolic link, or a loop of them',
  EIO: 'the disk reports an error',
  EISDIR: 'a directory',
  ENAMETOOLONG: 'its path is too long',
  EMFILE: 'too many open files',
};

/**
 * Why a file could not be read.
 *
 * @throws the fault, where it is none of the file system's
 */
export function errnoText(fault: unknown): string {
  const code = errno(fault);
  if (code === null) throw fault;
  return MEANINGS[code] ?? code;
}
