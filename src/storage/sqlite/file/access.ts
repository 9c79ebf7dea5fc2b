import { accessSync, constants, type Stats, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { CredctlError } from '../../../domain/errors.js';
import { shellWord } from '../../../domain/text/quote.js';
import { effectiveUser } from '../../../files/account.js';
import { errno } from '../../../files/errno.js';
import { lookAt } from '../../../files/identity.js';
import { isMountPoint } from '../../../files/mounts.js';
import { networkFileSystem } from '../../../files/network-mounts.js';
import {
  foreignDirectory,
  foreignFile,
  loose,
  looseDirectory,
  READ_ONLY_FILE_SYSTEM,
  shown,
  unreachable,
} from './denied.js';
import { hasSecondName } from './second-name.js';

export { shown } from './denied.js';

/** What a file is opened for: a store is read and written; `look` and `backup` are only read. */
export type Purpose = 'store' | 'look' | 'backup';

/**
 * Checks where a store's file is, who has access to it, and the files beside it, without opening them.
 *
 * @param purpose a backup is only read, so its mount point, hard links and file system do not matter
 * @returns whether there is a file
 * @throws CredctlError `denied` when others could read or replace it, `store_unavailable` when no store can be
 *   there
 */
export function inspectPlace(path: string, purpose: Purpose = 'store'): boolean {
  const found = lstatOrNull(path);
  if (found === null) return false;
  if (found.isSymbolicLink()) throw unusable(path, 'is a symbolic link', 'name the file that it points to');
  if (found.isDirectory()) throw unusable(path, 'is a directory', 'name a file in it');
  if (!found.isFile()) throw unusable(path, 'is not a regular file', 'name a regular file');
  if (purpose !== 'backup') {
    refuseMountPoint(path);
    refuseSecondName(path, found);
    requireLocalFileSystem(path);
  }
  requirePrivateDirectory(dirname(path));
  requirePrivate(path, found);
  for (const suffix of ['-wal', '-shm', '-journal']) requirePrivateSibling(`${path}${suffix}`);
  return true;
}

/**
 * Refuses network file systems: several machines would share the file, but not its locks.
 *
 * @throws CredctlError `store_unavailable`
 */
export function requireLocalFileSystem(path: string): void {
  const name = networkFileSystem(path);
  if (name === null) return;
  throw unusable(
    path,
    `is on a network file system (${name})`,
    'keep the store on a local disk; for several machines, use PostgreSQL',
  );
}

/**
 * Refuses a bind-mounted file: the WAL would lie beside the name, on another file system than the file, where it is
 * lost with the container and not shared.
 */
function refuseMountPoint(path: string): void {
  if (!isMountPoint(path)) return;
  throw unusable(
    path,
    'is a mount point',
    `SQLite keeps a log beside the file; mount the directory (${shown(dirname(path))}) instead of the file`,
  );
}

/**
 * Refuses a file with a second hard link: SQLite keeps a WAL for each name, so commits through one are not seen
 * through the other, and two checkpoints corrupt the file. Reading is affected as well.
 */
function refuseSecondName(path: string, { nlink }: Stats): void {
  if (nlink <= 1 || !hasSecondName(path, nlink)) return;
  throw unusable(
    path,
    'has another name (a hard link), and SQLite would keep a log for each name',
    `remove the other name (to find it: find / -xdev -samefile ${shellWord(path)}), or work on a copy made with cp`,
  );
}

/**
 * Refuses a directory in which another user could replace the store's file.
 *
 * @throws CredctlError `denied`
 */
export function requirePrivateDirectory(directory: string): void {
  if (process.platform === 'win32') return;
  const { mode, uid } = statSync(directory);
  const sticky = (mode & 0o1000) !== 0;
  if ((mode & 0o022) !== 0 && !sticky) throw looseDirectory(directory);
  // The owner of a sticky directory may rename and remove everything in it (unlink(2), EPERM).
  if (uid !== effectiveUser() && uid !== 0) throw foreignDirectory(directory, uid);
}

/**
 * Refuses a file or directory that belongs to another user or has permissions for group or others.
 *
 * @throws CredctlError `denied`
 */
export function requirePrivate(path: string, stats: Stats): void {
  if (process.platform === 'win32') return;
  if (stats.uid !== effectiveUser()) throw foreignFile(path, stats.uid);
  if ((stats.mode & 0o077) !== 0) throw loose(path, stats.isDirectory() ? '700' : '600');
}

/** Whether a file exists that this user cannot write, because of its mode, attributes or file system. */
export function isReadOnly(path: string): boolean {
  try {
    accessSync(path, constants.W_OK);
    return false;
  } catch (fault) {
    return ['EROFS', 'EACCES', 'EPERM'].includes(errno(fault) ?? '');
  }
}

/** Why something cannot be written, and what helps. */
export interface Obstacle {
  /** Completes a sentence that begins with the path. */
  readonly fact: string;
  readonly hint: string;
  readonly cause: unknown;
}

/**
 * Why this user cannot write a file or directory; null where they can.
 *
 * @param mode what the hint gives it
 */
export function writeObstacle(path: string, mode: '600' | '700' = '600'): Obstacle | null {
  try {
    accessSync(path, constants.W_OK);
    return null;
  } catch (cause) {
    const code = errno(cause);
    if (code === 'EROFS') return { ...READ_ONLY_FILE_SYSTEM, cause };
    // EACCES comes from the mode; EPERM from an attribute of the file (chattr(1)), whatever the mode.
    return code === 'EPERM'
      ? { fact: 'is immutable', hint: `run: chattr -i ${shellWord(path)}`, cause }
      : { fact: 'is read-only', hint: `run: chmod ${mode} ${shellWord(path)}`, cause };
  }
}

/**
 * Refuses a read-only file: SQLite gives the WAL the mode of the file, so it could not be written later.
 *
 * @throws CredctlError `store_unavailable`
 */
export function refuseReadOnly(path: string): void {
  const obstacle = writeObstacle(path);
  if (obstacle === null) return;
  const { fact, hint, cause } = obstacle;
  throw new CredctlError('store_unavailable', `${shown(path)} ${fact}`, { hint, cause });
}

function requirePrivateSibling(path: string): void {
  const found = lstatOrNull(path);
  if (found === null) return;
  if (!found.isFile()) {
    throw new CredctlError('denied', `${shown(path)} is not a regular file`, {
      hint: 'find out who created it, then remove it',
    });
  }
  // SQLite would take the content of another user's file into the store.
  if (process.platform !== 'win32' && found.uid !== effectiveUser() && found.uid !== 0) {
    throw new CredctlError('denied', `${shown(path)} belongs to another user (uid ${found.uid})`, {
      hint: 'find out who created it, then remove it',
    });
  }
  requirePrivate(path, found);
}

/** The error for a file that cannot be opened: `denied` for missing rights, otherwise `store_unavailable`. */
export function unreadable(path: string, fault: unknown): CredctlError {
  const code = errno(fault);
  if (code !== 'EACCES' && code !== 'EPERM') {
    return new CredctlError('store_unavailable', `cannot open ${shown(path)} (${String(code)})`, {
      hint: 'check the path',
      cause: fault,
    });
  }
  return unreachable(path);
}

/** The error `store_unavailable` with a fact about the path and a hint. */
export function unusable(path: string, fact: string, hint: string): CredctlError {
  return new CredctlError('store_unavailable', `${shown(path)} ${fact}`, { hint });
}

/**
 * The entry at a path, without following a symbolic link; null where there is none.
 *
 * @throws CredctlError `denied` or `store_unavailable` where it cannot be read
 */
export function lstatOrNull(path: string): Stats | null {
  try {
    return lookAt(path);
  } catch (fault) {
    if (errno(fault) === 'ENOTDIR') return null;
    throw unreadable(path, fault);
  }
}
