import { constants, fstatSync, lstatSync, openSync } from 'node:fs';

/**
 * Files that this thread has opened to look at, by their identity. They are state of the module since locks are state
 * of the process: closing any descriptor of a file gives up all locks that the process has on it, those of SQLite too,
 * which does not notice (fcntl(2)); another program would then take the store for unused and remove its log. So what was
 * opened beside SQLite stays open, once for each file.
 */
const opened = new Map<string, number>();

/**
 * A descriptor to read a file by, which must never be closed.
 *
 * @throws the fault of the operating system when the file cannot be opened, or is a symbolic link
 */
export function lastingDescriptor(path: string): number {
  const known = opened.get(identity(lstatSync(path, { bigint: true })));
  if (known !== undefined) return known;
  const descriptor = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW);
  opened.set(identity(fstatSync(descriptor, { bigint: true })), descriptor);
  return descriptor;
}

/** No other file has the same while a descriptor keeps this one. */
function identity({ dev, ino }: { readonly dev: bigint; readonly ino: bigint }): string {
  return `${dev}:${ino}`;
}
