import { closeSync, existsSync, lstatSync, mkdirSync, rmdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { CredctlError } from '../../domain/errors.js';
import { shellWord } from '../../domain/text/quote.js';
import { effectiveUser } from '../../files/account.js';
import { publish, syncFile } from '../../files/atomic.js';
import { errno } from '../../files/errno.js';
import { removeTemporary, sweepLeftovers, temporaryPath } from '../../files/leftovers.js';
import { quietly } from '../../files/own-directory.js';
import { createPrivateFile, RightsNotKept, requirePrivate } from '../../files/private-file.js';
import { openDatabase } from './connection.js';
import type { SqliteDatabase } from './driver/database.js';
import { diskFull, isDiskFull } from './fault.js';
import { lstatOrNull, requireLocalFileSystem, requirePrivateDirectory, shown } from './file/access.js';
import { foreignHome, keepsNoModes } from './file/denied.js';

/** Attempts to create a store whose draft another program removes during the attempt. */
const ATTEMPTS = 3;

/**
 * Creates a store under a temporary name, complete, and then publishes it under its own. Of two concurrent calls,
 * both succeed: the second finds the store of the first and leaves it unchanged.
 *
 * @param fill writes the schema and the first rows
 * @returns whether this call created the store
 * @throws CredctlError `store_unavailable` where the file cannot be created, `denied` where others could change it
 */
export async function createStoreFile(
  path: string,
  fill: (database: SqliteDatabase) => Promise<void>,
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
      // Checked before the draft is removed, which would free space.
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
  fill: (database: SqliteDatabase) => Promise<void>,
): Promise<boolean> {
  closeSync(createPrivateFile(draft));
  const database = openDatabase(draft);
  try {
    database.pragma('journal_mode = MEMORY');
    await fill(database);
    database.pragma('journal_mode = WAL');
    // The first read in WAL mode maps shared memory, which not every file system supports.
    database.prepare('select count(*) from sqlite_schema').get();
  } finally {
    database.close();
  }
  syncFile(draft);
  return publish(draft, path);
}

/**
 * Creates the directory of a store and its missing parents, each with mode 0700.
 *
 * @returns undo: removes those of the created directories that are empty
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
 * Refuses a WAL or journal without its store: SQLite would replay it into a new store of that name. The log is
 * checked before the store, since a concurrent creation makes the store first.
 *
 * @throws CredctlError `store_unavailable`
 */
export function refuseStrayLog(path: string): void {
  for (const log of [`${path}-wal`, `${path}-journal`]) {
    if (lstatOrNull(log) === null || lstatOrNull(path) !== null) continue;
    throw new CredctlError('store_unavailable', `${shown(log)} belongs to a store that no longer exists`, {
      hint: `move the file away: mv ${shellWord(log)} ${shellWord(`${log}.old`)}`,
    });
  }
}

/**
 * One level at a time: Node's recursive mkdir never returns on file systems that cannot hold directories. The checks
 * come before the creation, so a refusal leaves nothing behind.
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

/**
 * Refuses root in another user's directory, since `sudo` may keep HOME. For other users, the directory's
 * permissions already decide.
 */
function refuseForeignHome(directory: string): void {
  const { uid } = statSync(directory);
  if (effectiveUser() === 0 && uid !== 0 && process.platform !== 'win32') throw foreignHome(directory, uid);
}

function creationFault(path: string, fault: unknown, code: string | null): unknown {
  if (fault instanceof RightsNotKept) return keepsNoModes(path, fault);
  if (code === null) return fault;
  return new CredctlError('store_unavailable', `cannot create ${shown(path)} (${code})`, {
    hint: 'with --store, name a file in a directory that you can write to',
    cause: fault,
  });
}
