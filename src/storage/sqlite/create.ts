import {
  closeSync,
  constants,
  existsSync,
  fsyncSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  renameSync,
  rmdirSync,
  statSync,
  unlinkSync,
} from 'node:fs';
import { dirname } from 'node:path';
import type { Database } from 'better-sqlite3';
import { CredctlError } from '../../domain/errors.js';
import { shellWord } from '../../domain/text/quote.js';
import { effectiveUser } from '../../files/account.js';
import { errno } from '../../files/errno.js';
import { removeTemporary, sweepLeftovers, temporaryPath } from '../../files/leftovers.js';
import { createPrivateFile, RightsNotKept, requirePrivate } from '../../files/private-file.js';
import { openDatabase } from './connection.js';
import { diskFull, isDiskFull } from './fault.js';
import { lstatOrNull, requireLocalFileSystem, requirePrivateDirectory, shown } from './file/access.js';
import { foreignHome, keepsNoModes } from './file/denied.js';

/** As often is a store begun anew whose first file was swept away by another program. */
const ATTEMPTS = 3;

/**
 * Makes a store that is complete before it gets its name. Two that do this at once both succeed: the second one
 * finds the first one's store and leaves it as it is.
 *
 * @param fill writes the schema and the first rows
 * @returns whether this call made the store
 */
export async function createStoreFile(
  path: string,
  fill: (database: Database) => Promise<void>,
): Promise<boolean> {
  for (let attempt = 1; ; attempt += 1) {
    const draft = temporaryPath(path, 'new');
    let undo = () => {};
    try {
      undo = makeDirectory(dirname(path));
      sweepLeftovers(path, ['new']);
      refuseStrayLog(path);
      return await makeAs(draft, path, fill);
    } catch (fault) {
      const hasVanished = !(fault instanceof CredctlError) && lstatOrNull(draft) === null;
      // Asked before there is room again.
      const isFull = isDiskFull(fault, path);
      removeTemporary(draft);
      undo();
      if (isFull) throw diskFull(path, fault);
      if (hasVanished && attempt < ATTEMPTS) continue;
      throw creationFault(path, fault, hasVanished ? 'ENOENT' : errno(fault));
    } finally {
      removeTemporary(draft);
    }
  }
}

async function makeAs(
  draft: string,
  path: string,
  fill: (database: Database) => Promise<void>,
): Promise<boolean> {
  closeSync(createPrivateFile(draft));
  const database = openDatabase(draft);
  try {
    database.pragma('journal_mode = MEMORY');
    await fill(database);
    database.pragma('journal_mode = WAL');
    // The first read needs the shared memory of the log, which not every file system can have.
    database.prepare('select count(*) from sqlite_schema').get();
  } finally {
    database.close();
  }
  syncFile(draft);
  return publish(draft, path);
}

/**
 * Makes the directory of a store, for its owner alone.
 *
 * @returns what takes away again the directories that were made and are empty
 */
export function makeDirectory(directory: string): () => void {
  const made: string[] = [];
  const undo = () => {
    for (const path of made.toReversed()) quietly(() => rmdirSync(path));
  };
  try {
    makeMissing(directory, made);
    requirePrivateDirectory(directory);
    return undo;
  } catch (fault) {
    undo();
    throw fault;
  }
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

/**
 * Step by step: Node's own recursion never ends on file systems that cannot hold directories. What is looked at first
 * is not left behind by a refusal.
 */
function makeMissing(directory: string, made: string[]): void {
  if (existsSync(directory)) {
    requireLocalFileSystem(directory);
    return;
  }
  makeMissing(dirname(directory), made);
  refuseForeignHome(dirname(directory));
  try {
    mkdirSync(directory, 0o700);
  } catch (fault) {
    if (errno(fault) === 'EEXIST') return;
    throw fault;
  }
  made.push(directory);
  requirePrivate(lstatSync(directory));
}

/** `sudo` may leave HOME as it is. Nobody but root can make something there without having been let in. */
function refuseForeignHome(directory: string): void {
  const { uid } = statSync(directory);
  if (effectiveUser() === 0 && uid !== 0 && process.platform !== 'win32') throw foreignHome(directory, uid);
}

/**
 * A hard link either takes the free name or fails: unlike a rename, it can never replace a store.
 *
 * @returns false when something has the name already
 */
export function publish(draft: string, path: string): boolean {
  try {
    linkSync(draft, path);
  } catch (fault) {
    const code = errno(fault);
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
    if (errno(fault) === 'EEXIST') return false;
    throw fault;
  }
  try {
    renameSync(draft, path);
  } catch (fault) {
    quietly(() => unlinkSync(path));
    throw fault;
  }
  syncFile(dirname(path));
  return true;
}

function quietly(change: () => void): void {
  try {
    change();
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

function creationFault(path: string, fault: unknown, code: string | null): unknown {
  if (fault instanceof RightsNotKept) return keepsNoModes(path, fault);
  if (code === null) return fault;
  return new CredctlError('store_unavailable', `cannot create ${shown(path)} (${code})`, {
    hint: 'name a place that you can write to with --store',
    cause: fault,
  });
}
