import { randomBytes } from 'node:crypto';
import {
  closeSync,
  constants,
  existsSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { Database } from 'better-sqlite3';
import { CredctlError } from '../domain/errors.js';
import { shellWord } from '../domain/quote.js';
import { lstatOrNull, requireLocalFileSystem, requirePrivateDirectory, shown } from './sqlite-file.js';
import { openDatabase } from './sqlite-open.js';

/**
 * Makes a store that is complete before it gets its name. Two that do this at once both succeed: the second one
 * finds the first one's store and leaves it as it is.
 *
 * @param fill writes the schema and the first rows
 * @param isRunning tells whether a process exists on this machine
 * @returns whether this call made the store
 */
export async function createStoreFile(
  path: string,
  fill: (database: Database) => Promise<void>,
  isRunning: (pid: number) => boolean,
): Promise<boolean> {
  const directory = dirname(path);
  try {
    makeDirectory(directory);
    sweep(directory, basename(path), isRunning);
    refuseStrayLog(path);
  } catch (fault) {
    throw creationFault(path, fault);
  }
  const draft = join(directory, `.${basename(path)}.${process.pid}-${randomBytes(6).toString('hex')}.new`);
  try {
    closeSync(openSync(draft, constants.O_RDWR | constants.O_CREAT | constants.O_EXCL, 0o600));
    const database = openDatabase(draft);
    try {
      database.pragma('journal_mode = MEMORY');
      await fill(database);
      database.pragma('journal_mode = WAL');
    } finally {
      database.close();
    }
    syncFile(draft);
    return giveName(draft, path);
  } catch (fault) {
    throw creationFault(path, fault);
  } finally {
    for (const suffix of ['', '-wal', '-shm', '-journal']) removeQuietly(`${draft}${suffix}`);
  }
}

/** Makes the directory of a store, for its owner alone. */
export function makeDirectory(directory: string): void {
  makeMissing(directory);
  requireLocalFileSystem(directory);
  requirePrivateDirectory(directory);
}

/**
 * A log whose store is gone would be replayed into the new one. Whoever makes a store at the same moment has its log
 * only after the store itself, so that the log is looked for first.
 */
export function refuseStrayLog(path: string): void {
  for (const log of [`${path}-wal`, `${path}-journal`]) {
    if (lstatOrNull(log) === null || lstatOrNull(path) !== null) continue;
    throw new CredctlError('store_unavailable', `${shown(log)} belongs to a store that is gone`, {
      hint: `move it away: mv ${shellWord(log)} ${shellWord(`${log}.old`)}`,
    });
  }
}

/** Step by step: Node's own recursion never ends on file systems that cannot hold directories. */
function makeMissing(directory: string): void {
  if (existsSync(directory)) return;
  makeMissing(dirname(directory));
  try {
    mkdirSync(directory, 0o700);
  } catch (fault) {
    if (errorCode(fault) !== 'EEXIST') throw fault;
  }
}

/**
 * A hard link either takes the free name or fails: unlike a rename, it can never replace a store.
 *
 * @returns false when something has the name already
 */
export function giveName(draft: string, path: string): boolean {
  try {
    linkSync(draft, path);
  } catch (fault) {
    const code = errorCode(fault);
    if (code === 'EEXIST') return false;
    if (code !== 'EPERM' && code !== 'ENOTSUP' && code !== 'ENOSYS') throw fault;
    return takeName(draft, path);
  }
  syncFile(dirname(path));
  return true;
}

/** Where there are no hard links: an empty file takes the name or fails, and then gives way to the whole store. */
function takeName(draft: string, path: string): boolean {
  try {
    closeSync(openSync(path, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o600));
  } catch (fault) {
    if (errorCode(fault) === 'EEXIST') return false;
    throw fault;
  }
  try {
    renameSync(draft, path);
  } catch (fault) {
    removeQuietly(path);
    throw fault;
  }
  syncFile(dirname(path));
  return true;
}

/** Removes what creations that were killed left behind. */
export function sweep(directory: string, name: string, isRunning: (pid: number) => boolean): void {
  const pattern = /^\.(.+)\.(\d+)-[0-9a-f]{12}\.new(?:-wal|-shm|-journal)?$/;
  for (const entry of readdirSync(directory)) {
    const [, of, pid] = pattern.exec(entry) ?? [];
    if (of === name && pid !== undefined && !isRunning(Number(pid))) removeQuietly(join(directory, entry));
  }
}

function removeQuietly(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {}
}

/** Has a file, or the entries of a directory, on the disk on return. */
export function syncFile(path: string): void {
  const descriptor = openSync(path, constants.O_RDONLY);
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

function creationFault(path: string, fault: unknown): unknown {
  const code = errorCode(fault);
  if (fault instanceof CredctlError || code === null || code.startsWith('SQLITE_')) return fault;
  const full = code === 'ENOSPC' || code === 'EDQUOT';
  return new CredctlError('store_unavailable', `cannot create ${shown(path)} (${code})`, {
    hint: full ? 'free some disk space' : 'name a place that you can write to with --store',
    cause: fault,
  });
}

function errorCode(fault: unknown): string | null {
  return fault instanceof Error && 'code' in fault && typeof fault.code === 'string' ? fault.code : null;
}
