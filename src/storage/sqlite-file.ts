import {
  accessSync,
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readSync,
  type Stats,
  statfsSync,
  statSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { CredctlError } from '../domain/errors.js';
import { quote } from '../domain/quote.js';

/** Marks a file as a store of this program in the database header: "cctl" in ASCII. */
export const APPLICATION_ID = 0x63_63_74_6c;

const HEADER_BYTES = 100;

/** The definitions of our tables are somewhere in the first megabyte. */
const LOOK_BYTES = 1_048_576;

const MAGIC = 'SQLite format 3\0';

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

/** What a file is for: a backup is only read. */
type Purpose = 'store' | 'backup';

/**
 * Looks at a store's file, and at those beside it, without opening it as a database.
 *
 * @param schema the newest schema that this program knows
 * @param purpose a backup may be read-only
 * @returns the schema of the store, or null when there is no file
 * @throws CredctlError `denied` when others could read or replace it, `store_unavailable` when it is no store of
 *   ours or a newer one, `integrity` when it was one
 */
export function inspectStoreFile(path: string, schema: number, purpose: Purpose = 'store'): number | null {
  const found = lstatOrNull(path);
  if (found === null) return null;
  if (found.isSymbolicLink()) throw unusable(path, 'is a symbolic link', 'name the file that it points to');
  if (found.isDirectory()) throw unusable(path, 'is a directory', 'name a file in it');
  if (!found.isFile()) throw unusable(path, 'is not a regular file', 'name a regular file');
  requireLocalFileSystem(path);
  requirePrivateDirectory(dirname(path));
  requirePrivate(path, found);
  for (const suffix of ['-wal', '-shm', '-journal']) requirePrivateSibling(`${path}${suffix}`);
  const present = readSchema(path, schema, purpose);
  if (purpose === 'store') refuseReadOnly(path);
  return present;
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
function refuseReadOnly(path: string): void {
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

function openFile(path: string): number {
  try {
    return openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW);
  } catch (fault) {
    throw unreadable(path, fault);
  }
}

function unreadable(path: string, fault: unknown): CredctlError {
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

function readSchema(path: string, newest: number, purpose: Purpose): number {
  const descriptor = openFile(path);
  try {
    const start = Buffer.alloc(HEADER_BYTES);
    const length = readSync(descriptor, start, 0, start.length, 0);
    if (!isOurHeader(start.subarray(0, length))) throw notOurs(path, descriptor, purpose);
    const schema = start.readUInt32BE(60);
    if (schema > newest) {
      throw unusable(path, `was written by a newer credctl (schema ${schema})`, 'install the newer version');
    }
    return schema;
  } finally {
    closeSync(descriptor);
  }
}

/** Whether a file begins as a store of ours does. */
export function isOurHeader(start: Buffer): boolean {
  const isDatabase = start.length >= HEADER_BYTES && start.toString('latin1', 0, MAGIC.length) === MAGIC;
  return isDatabase && start.readUInt32BE(68) === APPLICATION_ID;
}

/** The text of our table definitions tells a damaged store from a file that never was one. */
function notOurs(path: string, descriptor: number, purpose: Purpose): CredctlError {
  const beginning = Buffer.alloc(LOOK_BYTES);
  const start = beginning.toString('latin1', 0, readSync(descriptor, beginning, 0, LOOK_BYTES, 0));
  if (start.includes('audit_head') && start.includes('version_hash')) {
    return new CredctlError('integrity', `${shown(path)} is damaged: its header is not a store's`, {
      hint:
        purpose === 'store'
          ? 'keep a copy of the file and restore the store from a backup'
          : 'use another backup',
    });
  }
  return unusable(
    path,
    fstatSync(descriptor).size === 0 ? `is empty, not a credctl ${purpose}` : `is not a credctl ${purpose}`,
    purpose === 'store'
      ? 'name another file with --store; this one was left untouched'
      : 'use another backup; this file was left untouched',
  );
}

function unusable(path: string, fact: string, hint: string): CredctlError {
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

/** A path as a shell takes it. */
export function shellWord(path: string): string {
  return /^[\w./@+-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
}
