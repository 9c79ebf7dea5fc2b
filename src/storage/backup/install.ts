import { linkSync, lstatSync, renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { conflictError } from '../../domain/errors.js';
import { makePrivateDraft } from '../../files/private-directory.js';
import { syncFile } from '../sqlite/create.js';
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
      const kept = keptName(location, now);
      linkOrMove(draft.file, kept);
      syncFile(dirname(location));
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
    const kept = keptName(location, now);
    // SQLite would replay a stray WAL or journal into the new database.
    const stray = damaged?.isHeld === true ? null : moveLogs(location, kept);
    if (damaged === null) {
      takeFreeName(draft, location);
      return stray;
    }
    const isMoved = linkOrMove(location, kept);
    try {
      renameSync(draft, location);
    } catch (fault) {
      if (isMoved) renameSync(kept, location);
      else rmSync(kept, { force: true });
      throw fault;
    }
    syncFile(dirname(location));
    return kept;
  } catch (fault) {
    throw fileFault(fault, location, 'replace');
  }
}

function takeFreeName(draft: string, location: string): void {
  try {
    linkSync(draft, location);
  } catch (fault) {
    const code = codeOf(fault);
    if (code === 'EEXIST') {
      throw conflictError(`somebody has made a store at ${shown(location)} meanwhile`, 'look at it first');
    }
    if (code !== 'EPERM' && code !== 'ENOTSUP' && code !== 'ENOSYS') throw fault;
    renameSync(draft, location);
  }
  syncFile(dirname(location));
}

/**
 * Hard link, so that the path names a store at every moment; falls back to a rename on file systems without hard
 * links.
 *
 * @returns whether the old name is gone
 */
function linkOrMove(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return false;
  } catch (fault) {
    const code = codeOf(fault);
    if (code !== 'EPERM' && code !== 'ENOTSUP' && code !== 'ENOSYS') throw fault;
    renameSync(from, to);
    return true;
  }
}

/**
 * Moves a stray WAL or journal away.
 *
 * @returns the new name of the first; null when there was none
 */
function moveLogs(location: string, kept: string): string | null {
  const logs = ['-wal', '-journal'].filter((suffix) => exists(`${location}${suffix}`));
  for (const suffix of logs) renameSync(`${location}${suffix}`, `${kept}${suffix}`);
  rmSync(`${location}-shm`, { force: true });
  return logs[0] === undefined ? null : `${kept}${logs[0]}`;
}

/** An unused name that sorts by time. */
function keptName(location: string, now: number): string {
  const time = new Date(now).toISOString().replace(/[-:.]/g, '');
  const name = `${location}${REPLACED}${time}`;
  for (let n = 1; ; n += 1) {
    const candidate = n === 1 ? name : `${name}-${n}`;
    if (!exists(candidate) && !exists(`${candidate}-wal`)) return candidate;
  }
}

function exists(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}

function codeOf(fault: unknown): unknown {
  return fault instanceof Error && 'code' in fault ? fault.code : null;
}
