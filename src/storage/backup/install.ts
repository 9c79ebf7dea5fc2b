import { renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { type CredctlError, conflictError } from '../../domain/errors.js';
import { datedName, linkOrMove, publish, syncDirectory } from '../../files/atomic.js';
import { lookAt } from '../../files/identity.js';
import { quietly } from '../../files/own-directory.js';
import { makePrivateDraft } from '../../files/private-directory.js';
import { shown } from '../sqlite/file/access.js';
import { sealFile } from '../sqlite/file/digest.js';
import { REPLACED } from '../sqlite/file/second-name.js';
import { copyDatabase, fileFault, openToRead } from '../sqlite/file/vacuum.js';
import type { SqliteDamagedStore } from './damaged-store.js';

/** Keeps a copy of a sound store beside it; as `StoreFiles.keepCopy`. */
export function keepCopy(location: string, now: number): string {
  try {
    const draft = makePrivateDraft(location);
    try {
      const source = openToRead(location);
      try {
        copyDatabase(source, draft.file);
      } finally {
        source.close();
      }
      sealFile(draft.file);
      const kept = datedName(location + REPLACED, now);
      if (!publish(draft.file, kept)) throw takenMeanwhile(kept);
      return kept;
    } finally {
      draft.remove();
    }
  } catch (fault) {
    throw fileFault(fault, location, 'keep a copy of');
  }
}

/**
 * Installs a finished store at the path of a damaged one, or at a free path; as `StoreFiles.install`.
 *
 * @returns the path of the replaced store or of its WAL; null when there was neither
 */
export function install(
  draft: string,
  location: string,
  damaged: SqliteDamagedStore | null,
  now: number,
): string | null {
  try {
    const kept = datedName(location + REPLACED, now);
    // SQLite would replay a stray WAL or journal into the new database.
    const stray = damaged?.isHeld === true ? null : moveLogs(location, kept);
    if (damaged === null) {
      publishStore(draft, location);
      return stray;
    }
    exchange(draft, location, kept);
    return kept;
  } catch (fault) {
    throw fileFault(fault, location, 'replace');
  }
}

function publishStore(draft: string, location: string): void {
  if (!publish(draft, location)) throw takenMeanwhile(location);
}

/** By a hard link, so that the path names a store at every moment; without hard links, it is free in between. */
function exchange(draft: string, location: string, kept: string): void {
  const named = linkOrMove(location, kept);
  if (named === 'taken') throw takenMeanwhile(kept);
  try {
    if (named === 'linked') renameSync(draft, location);
    else publishStore(draft, location);
  } catch (fault) {
    if (named === 'linked') rmSync(kept, { force: true });
    else quietly(() => linkOrMove(kept, location));
    throw fault;
  }
  syncDirectory(dirname(location));
}

function takenMeanwhile(path: string): CredctlError {
  return conflictError(
    `another command has just created a store at ${shown(path)}`,
    'check that store first',
  );
}

/**
 * Moves a stray WAL or journal away.
 *
 * @returns the new name of the first; null when there was none
 */
function moveLogs(location: string, kept: string): string | null {
  const logs = ['-wal', '-journal'].filter((suffix) => lookAt(location + suffix) !== null);
  for (const suffix of logs) renameSync(`${location}${suffix}`, `${kept}${suffix}`);
  rmSync(`${location}-shm`, { force: true });
  return logs[0] === undefined ? null : `${kept}${logs[0]}`;
}
