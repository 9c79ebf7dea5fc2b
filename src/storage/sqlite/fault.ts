import { statfsSync } from 'node:fs';
import { dirname } from 'node:path';
import { CredctlError } from '../../domain/errors.js';
import { codeOf, errno } from '../../files/errno.js';
import { shown } from './file/denied.js';

/** Seconds: the busy timeout of commands. */
export const BUSY_SECONDS = 30;

/** Seconds: the busy timeout of a server, whose clients wait less long. */
export const SERVER_BUSY_SECONDS = 10;

/**
 * Maps what SQLite threw to the error to report; other errors are returned unchanged.
 *
 * @param path of the store, as the user knows it
 */
export function sqliteFault(fault: unknown, path: string): unknown {
  const code = sqliteCode(fault);
  if (code === null) return fault;
  if (isDiskFull(fault, path)) return diskFull(path, fault);
  const location = shown(path);
  const [base] = /^SQLITE_[A-Z]+/.exec(code) ?? [''];
  switch (base) {
    case 'SQLITE_BUSY':
    case 'SQLITE_LOCKED':
      return unavailable(`another process has been using ${location} for too long`, {
        hint: 'wait for that process, and try again',
        cause: fault,
      });
    case 'SQLITE_READONLY':
      return unavailable(`${location} is read-only`, {
        hint: 'let your user write the file and its directory',
        cause: fault,
      });
    case 'SQLITE_CANTOPEN':
      return unavailable(`cannot open ${location}`, {
        hint: 'check that the file and its directory exist, and that your user may write them',
        cause: fault,
      });
    case 'SQLITE_CORRUPT':
    case 'SQLITE_NOTADB':
      return new CredctlError('integrity', `${location} is damaged`, {
        hint: 'keep a copy of the file and restore the store from a backup',
        cause: fault,
      });
    case 'SQLITE_CONSTRAINT':
    case 'SQLITE_MISMATCH':
      // Collisions are looked for before a write, under the write lock, so a violated constraint means an
      // inconsistent file.
      return new CredctlError('integrity', `${location} contradicts itself (${code})`, {
        hint: "the file and its log (-wal) may not belong together; see 'credctl store check', and restore the store from a backup",
        cause: fault,
      });
    case 'SQLITE_IOERR':
      if (code.startsWith('SQLITE_IOERR_SHM')) return noSharedMemory(location, code, fault);
      return unreadable(location, code, fault);
    case 'SQLITE_PERM':
    case 'SQLITE_NOMEM':
      return unreadable(location, code, fault);
    default:
      return fault;
  }
}

/** SQLITE_IOERR_SHMSIZE: the shared memory of the WAL (-shm) could not grow. */
const FULL: readonly string[] = ['ENOSPC', 'EDQUOT', 'SQLITE_FULL', 'SQLITE_IOERR_SHMSIZE'];

/**
 * Whether the disk is full: no blocks, no inodes, or no quota left.
 *
 * @param path of a file on that disk
 */
export function isDiskFull(fault: unknown, path: string): boolean {
  if (fault instanceof CredctlError) return isDiskFull(fault.cause, path);
  const code = sqliteCode(fault) ?? errno(fault);
  if (code === null) return false;
  if (FULL.includes(code)) return true;
  return code === 'SQLITE_CANTOPEN' && hasLittleRoom(dirname(path));
}

/** Blocks, or inodes, that the temporary files of one command may have used before it removed them on failure. */
const FEW = 8;

/**
 * Whether a disk is full or nearly so; a WAL that is overwritten, or root's reserved blocks, may still have room.
 * SQLite does not report why it could not create a file.
 */
export function hasLittleRoom(directory: string): boolean {
  try {
    const { bavail, files, ffree } = statfsSync(directory);
    return bavail < FEW || (files > 0 && ffree < FEW);
  } catch {
    // The directory was created for the file, and has been removed again: check its parent.
    const parent = dirname(directory);
    return parent !== directory && hasLittleRoom(parent);
  }
}

/** The error for a full disk. */
export function diskFull(path: string, cause: unknown): CredctlError {
  return unavailable(`no space left for ${shown(path)}`, {
    hint: 'nothing was changed; free some disk space (see df, and df -i for inodes) and run the command again',
    cause,
  });
}

function unreadable(location: string, code: string, cause: unknown): CredctlError {
  return unavailable(`cannot read or write ${location} (${code})`, {
    hint: 'check the disk and the free space',
    cause,
  });
}

/** The wal-index is shared between processes through a memory-mapped file (-shm). */
function noSharedMemory(location: string, code: string, cause: unknown): CredctlError {
  return unavailable(
    `the file system of ${location} cannot hold a store: it has no shared memory (${code})`,
    {
      hint: 'with --store, name a file on another file system',
      cause,
    },
  );
}

/** Whether the error is SQLite's. */
export function isSqliteFault(fault: unknown): boolean {
  return sqliteCode(fault) !== null;
}

/** Whether another process holds the lock (SQLITE_BUSY). */
export function isBusy(fault: unknown): boolean {
  return sqliteCode(fault)?.startsWith('SQLITE_BUSY') ?? false;
}

/** Whether SQLite found the database malformed. */
export function isDamage(fault: unknown): boolean {
  return /^SQLITE_(CORRUPT|NOTADB)/.test(sqliteCode(fault) ?? '');
}

/** Whether preparing a correct statement failed, which means that the schema in the file is altered. */
export function isUnusableSchema(fault: unknown): fault is Error {
  return sqliteCode(fault) === 'SQLITE_ERROR';
}

function unavailable(message: string, options: { hint: string; cause: unknown }): CredctlError {
  return new CredctlError('store_unavailable', message, options);
}

function sqliteCode(fault: unknown): string | null {
  const code = codeOf(fault);
  return code?.startsWith('SQLITE_') === true ? code : null;
}
