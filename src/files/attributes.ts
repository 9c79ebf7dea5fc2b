import { closeSync, constants, openSync, type Stats, statSync, utimesSync } from 'node:fs';
import { dirname } from 'node:path';
import { errno } from './errno.js';
import { mountOf } from './mounts.js';
import { networkFileSystem } from './network-mounts.js';

/**
 * What nobody can replace or take away, whatever its mode: the file at a path, or its directory, where it is immutable
 * or append-only (chattr(1)).
 *
 * Linux judges by these attributes before it looks at modes (`inode_permission`, `may_setattr`), with EPERM.
 *
 * @param found what stands at the path; null for nothing
 * @returns which of the two; null where neither is known to be
 */
export function heldByAttributes(path: string, found: Stats | null): string | null {
  const self = process.geteuid?.();
  if (self === undefined) return null;
  const directory = dirname(path);
  if (found !== null && isRefused(() => openToWrite(path), directory)) return path;
  const { uid, atimeMs, mtimeMs } = statSync(directory);
  // Whose it is not may not set its times anyway.
  if (uid !== self) return null;
  const isHeld = isRefused(() => utimesSync(directory, atimeMs / 1_000, mtimeMs / 1_000), directory);
  return isHeld ? directory : null;
}

/** Nothing is written: an append-only file cannot even be opened like this. */
function openToWrite(path: string): void {
  closeSync(openSync(path, constants.O_WRONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK));
}

/** Another machine, or a process, that stands behind a file system refuses for reasons of its own. */
function isRefused(attempt: () => void, directory: string): boolean {
  try {
    attempt();
    return false;
  } catch (fault) {
    if (errno(fault) !== 'EPERM') return false;
    return mountOf(directory)?.type.startsWith('fuse') !== true && networkFileSystem(directory) === null;
  }
}
