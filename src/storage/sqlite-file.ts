import { accessSync, constants, lstatSync, type Stats, statfsSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { CredctlError } from '../domain/errors.js';
import { quote, shellWord } from '../domain/quote.js';

/** Magic numbers (statfs(2)) of file systems on which SQLite's locks cannot be relied on. */
const NETWORK_FILE_SYSTEMS: ReadonlyMap<number, string> = new Map([
  [0x6969, 'NFS'],
  [0x517b, 'SMB'],
  [0xff534d42, 'CIFS'],
  [0xfe534d42, 'SMB2'],
  [0x01021997, '9P'],
  [0x5346414f, 'AFS'],
  [0x73757245, 'Coda'],
  [0x00c36400, 'Ceph'],
  [0x0bd00bd0, 'Lustre'],
]);

/**
 * Looks at where a store's file is, who can get at it, and at the files beside it, but not into it.
 *
 * @returns whether there is a file
 * @throws CredctlError `denied` when others could read or replace it, `store_unavailable` when no store can be there
 */
export function inspectPlace(path: string): boolean {
  const found = lstatOrNull(path);
  if (found === null) return false;
  if (found.isSymbolicLink()) throw unusable(path, 'is a symbolic link', 'name the file that it points to');
  if (found.isDirectory()) throw unusable(path, 'is a directory', 'name a file in it');
  if (!found.isFile()) throw unusable(path, 'is not a regular file', 'name a regular file');
  requireLocalFileSystem(path);
  requirePrivateDirectory(dirname(path));
  requirePrivate(path, found);
  for (const suffix of ['-wal', '-shm', '-journal']) requirePrivateSibling(`${path}${suffix}`);
  return true;
}

/** Refuses file systems on which several machines would share the file without sharing its locks. */
export function requireLocalFileSystem(path: string): void {
  const name = NETWORK_FILE_SYSTEMS.get(fileSystemType(path));
  if (name === undefined) return;
  throw unusable(
    path,
    `is on a network file system (${name})`,
    'keep an SQLite store on a local disk; for several machines use PostgreSQL',
  );
}

function fileSystemType(path: string): number {
  try {
    return statfsSync(path).type;
  } catch {
    return 0;
  }
}

/** Refuses a directory in which another user could put a different file in the store's place. */
export function requirePrivateDirectory(directory: string): void {
  if (process.platform === 'win32') return;
  const { mode, uid } = statSync(directory);
  const sticky = (mode & 0o1000) !== 0;
  if ((mode & 0o022) !== 0 && !sticky) {
    throw denied(
      `${shown(directory)} can be changed by other users`,
      `run: chmod go-w ${shellWord(directory)}`,
    );
  }
  if (uid !== effectiveUser() && uid !== 0 && !sticky) {
    throw denied(`${shown(directory)} belongs to another user`, 'keep the store in a directory of your own');
  }
}

/** Refuses what belongs to another user, or is open to others. */
export function requirePrivate(path: string, stats: Stats): void {
  if (process.platform === 'win32') return;
  if (stats.uid !== effectiveUser()) {
    throw denied(
      `${shown(path)} belongs to another user`,
      `run the command as its owner, or: chown "$(id -u)" ${shellWord(path)}`,
    );
  }
  if ((stats.mode & 0o077) !== 0) {
    throw denied(
      `${shown(path)} is open to other users`,
      `run: chmod ${stats.isDirectory() ? 700 : 600} ${shellWord(path)}`,
    );
  }
}

/** SQLite would give its log the same mode, and nobody could write to it later. */
export function refuseReadOnly(path: string): void {
  try {
    accessSync(path, constants.W_OK);
  } catch (cause) {
    throw new CredctlError('store_unavailable', `${shown(path)} is read-only`, {
      hint: `run: chmod 600 ${shellWord(path)}`,
      cause,
    });
  }
}

function requirePrivateSibling(path: string): void {
  const found = lstatOrNull(path);
  if (found === null) return;
  if (!found.isFile()) {
    throw denied(`${shown(path)} is not a regular file`, 'find out who put it there, then remove it');
  }
  requirePrivate(path, found);
}

export function unreadable(path: string, fault: unknown): CredctlError {
  const code = fault instanceof Error && 'code' in fault ? fault.code : null;
  if (code !== 'EACCES' && code !== 'EPERM') {
    return new CredctlError('store_unavailable', `cannot open ${shown(path)} (${String(code)})`, {
      hint: 'check the path',
      cause: fault,
    });
  }
  return denied(
    `permission to open ${shown(path)} is denied`,
    `run: chmod u+rwx ${shellWord(dirname(path))} && chmod 600 ${shellWord(path)}`,
  );
}

export function unusable(path: string, fact: string, hint: string): CredctlError {
  return new CredctlError('store_unavailable', `${shown(path)} ${fact}`, { hint });
}

function denied(message: string, hint: string): CredctlError {
  return new CredctlError('denied', message, { hint });
}

/** What stands at a path, without following a link; null for nothing. */
export function lstatOrNull(path: string): Stats | null {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) ?? null;
  } catch (fault) {
    if (fault instanceof Error && 'code' in fault && fault.code === 'ENOTDIR') return null;
    throw unreadable(path, fault);
  }
}

function effectiveUser(): number {
  return process.geteuid?.() ?? 0;
}

/** A path as messages name it. */
export function shown(path: string): string {
  return /^[\w./@+-]{1,250}$/.test(path) ? path : quote(path);
}
