import { closeSync, constants, openSync, type Stats, statSync, utimesSync } from 'node:fs';
import { dirname } from 'node:path';
import { errno } from './errno.js';
import { mountOf } from './mounts.js';
import { networkFileSystem } from './network-mounts.js';

/**
 * Detects a file, or its directory, that is immutable or append-only (chattr(1)), which cannot be replaced or
 * removed whatever its mode.
 *
 * Linux checks these attributes before modes (`inode_permission`, `may_setattr`), and fails with EPERM.
 *
 * @param found the entry at the path; null for none
 * @returns the path of either; null where neither is known to have such an attribute
 */
export function heldByAttributes(path: string, found: Stats | null): string | null {
  const self = process.geteuid?.();
  if (self === undefined) return null;
  const directory = dirname(path);
  if (found !== null && isRefused(() => openToWrite(path), directory)) return path;
  const { uid, atimeMs, mtimeMs } = statSync(directory);
  // Only the owner may set a directory's times, so others cannot be tested this way.
  if (uid !== self) return null;
  const isHeld = isRefused(() => utimesSync(directory, atimeMs / 1_000, mtimeMs / 1_000), directory);
  return isHeld ? directory : null;
}

/** Opening writes nothing; on an append-only file, even the open fails. */
function openToWrite(path: string): void {
  closeSync(openSync(path, constants.O_WRONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK));
}

/** EPERM of a network or FUSE file system may have other reasons. */
function isRefused(attempt: () => void, directory: string): boolean {
  try {
    attempt();
    return false;
  } catch (fault) {
    if (errno(fault) !== 'EPERM') return false;
    return mountOf(directory)?.type.startsWith('fuse') !== true && networkFileSystem(directory) === null;
  }
}
