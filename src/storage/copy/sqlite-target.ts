import { lstatSync, mkdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type CredctlError, conflictError } from '../../domain/errors.js';
import type { CopyDraft, CopyTarget } from '../../domain/ports/copy-port.js';
import { shellWord } from '../../domain/text/quote.js';
import { errno } from '../../files/errno.js';
import { isSameInode, lookAt } from '../../files/identity.js';
import { connect } from '../sqlite/connection.js';
import { makeDirectory, refuseStrayLog } from '../sqlite/create.js';
import { isBusy, isDiskFull } from '../sqlite/fault.js';
import { lstatOrNull, requirePrivate, shown } from '../sqlite/file/access.js';
import {
  copyDraftPlace,
  type DraftPlace,
  LOCK_FILE,
  makePrivateFile,
  removeDirectory,
} from '../sqlite/file/draft-place.js';
import { fileFault } from '../sqlite/file/vacuum.js';
import { openSqliteDraft } from './sqlite-draft.js';

/** A file as the target of a copy. */
export function sqliteTarget(path: string): CopyTarget {
  const place = copyDraftPlace(path);
  return {
    engine: 'sqlite',
    location: path,
    async open(sourceId, now) {
      try {
        return await open(place, sourceId, now);
      } catch (fault) {
        throw fileFault(fault, path, 'write');
      }
    },
    async close() {},
  };
}

async function open(place: DraftPlace, sourceId: string, now: number): Promise<CopyDraft> {
  refuseTaken(place);
  const undo = makeDirectory(dirname(place.path));
  let isNew = false;
  let unlock: (() => void) | null = null;
  const release = () => {
    unlock?.();
    undo();
  };
  try {
    refuseStrayLog(place.path);
    isNew = makePrivateDirectory(place.directory);
    unlock = lock(place);
    // Checked again under the lock: its previous holder may have completed the copy.
    refuseTaken(place);
    return await openSqliteDraft(place, sourceId, now, release);
  } catch (fault) {
    // Without the lock, another command may be using the directory already.
    if (isNew && (unlock !== null || isDiskFull(fault, place.path))) removeDirectory(place);
    release();
    throw fault;
  }
}

/**
 * Refuses an existing file. A copy that was killed right after it was published has left its draft, a hard link to
 * that file, which is removed.
 */
function refuseTaken(place: DraftPlace): void {
  const { path, file } = place;
  const found = lstatOrNull(path);
  if (found === null) return;
  if (isSameInode(lookAt(file), found)) removeDirectory(place);
  throw conflictError(
    `${found.isDirectory() ? 'a directory' : 'a file'} exists already at ${shown(path)}`,
    'nothing was overwritten; name a place where there is nothing with --to',
  );
}

/** @returns whether the directory was created */
function makePrivateDirectory(directory: string): boolean {
  try {
    mkdirSync(directory, { mode: 0o700 });
    return true;
  } catch (fault) {
    if (errno(fault) !== 'EEXIST') throw fault;
    const found = lstatSync(directory);
    if (!found.isDirectory()) {
      throw conflictError(
        `the copy needs the directory ${shown(directory)}, and a file has that name`,
        `rm ${shellWord(directory)}`,
      );
    }
    requirePrivate(directory, found);
    return false;
  }
}

/**
 * Excludes a second command from the same copy by SQLite's exclusive lock on a file, which the kernel releases when
 * its process ends. Comparing the inode detects a lock file that was removed in between.
 *
 * @returns what releases it
 * @throws CredctlError `conflict` when another command holds it
 */
function lock({ path, directory }: DraftPlace): () => void {
  const file = join(directory, LOCK_FILE);
  makePrivateFile(file);
  const identity = statSync(file).ino;
  const database = connect(file, { timeout: 0 });
  try {
    database.exec('begin exclusive');
  } catch (fault) {
    database.close();
    if (isBusy(fault)) throw beingMade(path);
    throw fault;
  }
  if (statSync(file, { throwIfNoEntry: false })?.ino !== identity) {
    database.close();
    throw beingMade(path);
  }
  return () => database.close();
}

function beingMade(path: string): CredctlError {
  return conflictError(
    `another command is making a copy at ${shown(path)}`,
    'wait for that command, or choose another destination',
  );
}
