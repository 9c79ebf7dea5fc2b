import { constants, fstatSync, lstatSync, openSync } from 'node:fs';

/**
 * Descriptors of this thread that are never closed, by device and inode. Module state, because POSIX advisory locks
 * belong to the process: closing any descriptor of a file drops all locks that the process has on it, also those of
 * SQLite, which does not notice (fcntl(2)); another program could then take the store for unused and remove its
 * WAL.
 */
const opened = new Map<string, number>();

/**
 * A read-only descriptor of a file, shared by all callers, which must never be closed.
 *
 * @throws the operating system's error when the file cannot be opened, or is a symbolic link (O_NOFOLLOW); a FIFO put in
 *   its place opens at once (O_NONBLOCK)
 */
export function lastingDescriptor(path: string): number {
  const known = opened.get(identity(lstatSync(path, { bigint: true })));
  if (known !== undefined) return known;
  const descriptor = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  opened.set(identity(fstatSync(descriptor, { bigint: true })), descriptor);
  return descriptor;
}

/** Unique while a descriptor keeps the inode in use. */
function identity({ dev, ino }: { readonly dev: bigint; readonly ino: bigint }): string {
  return `${dev}:${ino}`;
}
