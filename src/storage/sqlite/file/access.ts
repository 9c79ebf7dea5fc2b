import { accessSync, constants, lstatSync, type Stats, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { CredctlError } from '../../../domain/errors.js';
import { shellWord } from '../../../domain/text/quote.js';
import { effectiveUser } from '../../../files/account.js';
import { errno } from '../../../files/errno.js';
import { isMountPoint } from '../../../files/mounts.js';
import { networkFileSystem } from '../../../files/network-mounts.js';
import {
  foreignDirectory,
  foreignFile,
  loose,
  looseDirectory,
  onReadOnlyFileSystem,
  shown,
  unreachable,
} from './denied.js';
import { hasSecondName } from './second-name.js';

export { shown } from './denied.js';

/** What a file is for: a backup is only read, and so is a store that is only looked at. */
export type Purpose = 'store' | 'look' | 'backup';

/**
 * Looks at where a store's file is, who can get at it, and at the files beside it, but not into it.
 *
 * @param purpose a backup is only read, wherever it is
 * @returns whether there is a file
 * @throws CredctlError `denied` when others could read or replace it, `store_unavailable` when no store can be there
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

/** Refuses file systems on which several machines would share the file without sharing its locks. */
export function requireLocalFileSystem(path: string): void {
  const name = networkFileSystem(path);
  if (name === null) return;
  throw unusable(
    path,
    `is on a network file system (${name})`,
    'keep an SQLite store on a local disk; for several machines use PostgreSQL',
  );
}

/** The log would be beside the name, in another place than the file: lost with the container, shared with nobody. */
function refuseMountPoint(path: string): void {
  if (!isMountPoint(path)) return;
  throw unusable(
    path,
    'is a mount point',
    `SQLite keeps its log beside the file; mount its directory (${shown(dirname(path))}) in place of the file`,
  );
}

/**
 * The log lies beside the name: what is committed through one name is not seen through another, and the checkpoints of
 * two logs destroy the file. That holds for reading as well.
 */
function refuseSecondName(path: string, { nlink }: Stats): void {
  if (nlink <= 1 || !hasSecondName(path, nlink)) return;
  throw unusable(
    path,
    'has another name (a hard link), and SQLite keeps a log for each',
    `remove the other name (to find it: find / -xdev -samefile ${shellWord(path)}), or work on a copy made with cp`,
  );
}

/** Refuses a directory in which another user could put a different file in the store's place. */
export function requirePrivateDirectory(directory: string): void {
  if (process.platform === 'win32') return;
  const { mode, uid } = statSync(directory);
  const sticky = (mode & 0o1000) !== 0;
  if ((mode & 0o022) !== 0 && !sticky) throw looseDirectory(directory);
  // Whoever owns a sticky directory may rename and remove everything in it (unlink(2), EPERM).
  if (uid !== effectiveUser() && uid !== 0) throw foreignDirectory(directory, uid);
}

/** Refuses what belongs to another user, or is open to others. */
export function requirePrivate(path: string, stats: Stats): void {
  if (process.platform === 'win32') return;
  if (stats.uid !== effectiveUser()) throw foreignFile(path, stats.uid);
  if ((stats.mode & 0o077) !== 0) throw loose(path, stats.isDirectory() ? '700' : '600');
}

/** Whether a file is there that this user cannot write to, be it for its mode or its file system. */
export function isReadOnly(path: string): boolean {
  try {
    accessSync(path, constants.W_OK);
    return false;
  } catch (fault) {
    return ['EROFS', 'EACCES', 'EPERM'].includes(errno(fault) ?? '');
  }
}

/** SQLite would give its log the same mode, and nobody could write to it later. */
export function refuseReadOnly(path: string): void {
  try {
    accessSync(path, constants.W_OK);
  } catch (cause) {
    throw errno(cause) === 'EROFS' ? onReadOnlyFileSystem(path, cause) : readOnly(path, cause);
  }
}

function readOnly(path: string, cause: unknown): CredctlError {
  // What the mode forbids is EACCES; EPERM is an attribute of the file (chattr(1)), whatever the mode.
  const isImmutable = errno(cause) === 'EPERM';
  return new CredctlError(
    'store_unavailable',
    `${shown(path)} is ${isImmutable ? 'immutable' : 'read-only'}`,
    {
      hint: isImmutable ? `run: chattr -i ${shellWord(path)}` : `run: chmod 600 ${shellWord(path)}`,
      cause,
    },
  );
}

function requirePrivateSibling(path: string): void {
  const found = lstatOrNull(path);
  if (found === null) return;
  if (!found.isFile()) {
    throw new CredctlError('denied', `${shown(path)} is not a regular file`, {
      hint: 'find out who put it there, then remove it',
    });
  }
  // To take over what another user has put there would make it a part of the store.
  if (process.platform !== 'win32' && found.uid !== effectiveUser() && found.uid !== 0) {
    throw new CredctlError('denied', `${shown(path)} belongs to another user (uid ${found.uid})`, {
      hint: 'find out who put it there, then remove it',
    });
  }
  requirePrivate(path, found);
}

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

export function unusable(path: string, fact: string, hint: string): CredctlError {
  return new CredctlError('store_unavailable', `${shown(path)} ${fact}`, { hint });
}

/** What stands at a path, without following a link; null for nothing. */
export function lstatOrNull(path: string): Stats | null {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) ?? null;
  } catch (fault) {
    if (errno(fault) === 'ENOTDIR') return null;
    throw unreadable(path, fault);
  }
}
