import { accessSync, constants } from 'node:fs';
import { dirname } from 'node:path';
import { CredctlError } from '../../../domain/errors.js';
import { quote } from '../../../domain/text/quote.js';
import { codeOf } from '../../../files/errno.js';

/**
 * Checks access rights: that SQLite can write the store's file, its WAL and shared memory, and create files in
 * their directory. Takes no lock, since a lock of another process only makes writers wait.
 *
 * @throws CredctlError `store_unavailable` that names what is read-only, and why
 */
export function requireWritableFile(path: string): void {
  for (const file of [path, `${path}-wal`, `${path}-shm`]) requireWritable(file, constants.W_OK);
  requireWritable(dirname(path), constants.W_OK | constants.X_OK);
}

function requireWritable(path: string, mode: number): void {
  try {
    accessSync(path, mode);
  } catch (fault) {
    const code = codeOf(fault);
    if (code === 'ENOENT') return;
    throw new CredctlError('store_unavailable', `${quote(path)} ${factOf(code)}`, {
      hint:
        code === 'EROFS' ? 'mount the file system read-write' : 'let the user of the server write the file',
      cause: fault,
    });
  }
}

function factOf(code: unknown): string {
  if (code === 'EROFS') return 'is on a file system that is mounted read-only';
  return code === 'EACCES' || code === 'EPERM'
    ? 'is read-only for the user of the server'
    : `cannot be written (${String(code)})`;
}
