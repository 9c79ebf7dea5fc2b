import { closeSync, constants, fsyncSync, linkSync, openSync, renameSync, unlinkSync } from 'node:fs';
import { dirname } from 'node:path';
import { errno } from './errno.js';
import { lookAt } from './identity.js';
import { quietly } from './own-directory.js';
import { createPrivateFile } from './private-file.js';

/** What link(2) answers where a file system has no hard links. */
const NO_LINKS: ReadonlySet<string | null> = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS']);

/** `linked`: the file has both names. `moved`: only the new one. `taken`: the new name has another file. */
export type Named = 'linked' | 'moved' | 'taken';

/**
 * Gives a file a further name by a hard link, which never replaces an entry. Fallback without hard links: O_EXCL
 * reserves the name with an empty file, which a rename then replaces.
 *
 * @throws the operating system's error; nothing has changed then
 */
export function linkOrMove(file: string, name: string): Named {
  try {
    linkSync(file, name);
    return 'linked';
  } catch (fault) {
    if (errno(fault) === 'EEXIST') return 'taken';
    if (!NO_LINKS.has(errno(fault))) throw fault;
  }
  try {
    closeSync(createPrivateFile(name));
  } catch (fault) {
    if (errno(fault) === 'EEXIST') return 'taken';
    throw fault;
  }
  try {
    renameSync(file, name);
    return 'moved';
  } catch (fault) {
    quietly(() => unlinkSync(name));
    throw fault;
  }
}

/**
 * Publishes a finished draft at a free path; durable on return. A hard link leaves the draft its name.
 *
 * @returns false when the path is taken
 */
export function publish(draft: string, path: string): boolean {
  if (linkOrMove(draft, path) === 'taken') return false;
  syncDirectory(dirname(path));
  return true;
}

/** Makes a file durable (fsync). */
export function syncFile(path: string): void {
  const descriptor = openSync(path, constants.O_RDONLY);
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** Makes the entries of a directory durable. Some file systems cannot sync one (EINVAL); its files are synced. */
export function syncDirectory(directory: string): void {
  try {
    syncFile(directory);
  } catch (fault) {
    if (errno(fault) !== 'EINVAL') throw fault;
  }
}

/**
 * A name that no database has, and that sorts by time.
 *
 * @param now epoch milliseconds
 */
export function datedName(prefix: string, now: number): string {
  const name = prefix + new Date(now).toISOString().replace(/[-:.]/g, '');
  for (let n = 1; ; n += 1) {
    const candidate = n === 1 ? name : `${name}-${n}`;
    if (lookAt(candidate) === null && lookAt(`${candidate}-wal`) === null) return candidate;
  }
}
