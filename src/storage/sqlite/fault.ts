import { statfsSync } from 'node:fs';
import { dirname } from 'node:path';
import { CredctlError } from '../../domain/errors.js';
import { errno } from '../../files/errno.js';
import { shown } from './file/denied.js';

/** Seconds that a command waits for another process to let go of the store. */
export const BUSY_SECONDS = 30;

/** The same for a server, whose clients do not wait that long. */
export const SERVER_BUSY_SECONDS = 10;

/**
 * The error to report for whatever SQLite threw; errors that are not SQLite's are returned as they are.
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
      return unavailable(`${location} is kept busy by another process`, {
        hint: 'wait for it to end, and try again',
        cause: fault,
      });
    case 'SQLITE_READONLY':
      return unavailable(`${location} is read-only`, {
        hint: 'make the file and its directory writable for you',
        cause: fault,
      });
    case 'SQLITE_CANTOPEN':
      return unavailable(`cannot open ${location}`, {
        hint: 'the file and its directory must exist and be writable for you',
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
      // Whatever may collide is looked for before it is written, under the write lock.
      return new CredctlError('integrity', `${location} contradicts itself (${code})`, {
        hint: "its file and its log may not belong together; see 'credctl store check', and restore it from a backup",
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

/** SHMSIZE: what processes share of the log could not be made larger. */
const FULL: readonly string[] = ['ENOSPC', 'EDQUOT', 'SQLITE_FULL', 'SQLITE_IOERR_SHMSIZE'];

/**
 * Whether nothing more can be written: no blocks, no inodes, or no quota.
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

/** As many blocks, or inodes, as the files of one command take that it has taken away again when it fails. */
const FEW = 8;

/**
 * Whether a disk is full, or nearly so: there may still be room in a log that is written over, or for root alone. SQLite
 * keeps to itself why it could not make a file.
 */
export function hasLittleRoom(directory: string): boolean {
  try {
    const { bavail, files, ffree } = statfsSync(directory);
    return bavail < FEW || (files > 0 && ffree < FEW);
  } catch {
    // It was made for the file, and has been taken away again as well.
    const parent = dirname(directory);
    return parent !== directory && hasLittleRoom(parent);
  }
}

/** The error to report for a disk that is full. */
export function diskFull(path: string, cause: unknown): CredctlError {
  return unavailable(`no space left for ${shown(path)}`, {
    hint: 'free some disk space (df tells of blocks, df -i of inodes) and run the command again; nothing was changed',
    cause,
  });
}

function unreadable(location: string, code: string, cause: unknown): CredctlError {
  return unavailable(`cannot read or write ${location} (${code})`, {
    hint: 'check the disk and the free space',
    cause,
  });
}

/** Processes that use one store share the index of its log through a file that is mapped into their memory. */
function noSharedMemory(location: string, code: string, cause: unknown): CredctlError {
  return unavailable(
    `the file system of ${location} cannot hold a store: no memory can be shared there (${code})`,
    {
      hint: 'name a place on another file system with --store',
      cause,
    },
  );
}

/** Whether it was SQLite that failed. */
export function isSqliteFault(fault: unknown): boolean {
  return sqliteCode(fault) !== null;
}

/** Whether another process holds the store at this moment. */
export function isBusy(fault: unknown): boolean {
  return sqliteCode(fault)?.startsWith('SQLITE_BUSY') ?? false;
}

/** Whether SQLite found that what it reads is no sound database. */
export function isDamage(fault: unknown): boolean {
  return /^SQLITE_(CORRUPT|NOTADB)/.test(sqliteCode(fault) ?? '');
}

/** Whether a check that is known to be right could not be prepared: then the schema in the file is altered. */
export function isUnusableSchema(fault: unknown): fault is Error {
  return sqliteCode(fault) === 'SQLITE_ERROR';
}

function unavailable(message: string, options: { hint: string; cause: unknown }): CredctlError {
  return new CredctlError('store_unavailable', message, options);
}

function sqliteCode(fault: unknown): string | null {
  if (!(fault instanceof Error) || !('code' in fault) || typeof fault.code !== 'string') return null;
  return fault.code.startsWith('SQLITE_') ? fault.code : null;
}
