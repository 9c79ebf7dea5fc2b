import {
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  lstatSync,
  openSync,
  readSync,
  renameSync,
  type Stats,
  unlinkSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { errno } from '../../files/errno.js';
import { sweepLeftovers, temporaryPath } from '../../files/leftovers.js';
import { createPrivateFile, giveRights, type Rights } from '../../files/private-file.js';
import { writeFully } from '../streams.js';

/** As often is a replacement tried whose sibling vanishes. */
const ATTEMPTS = 3;

/** What stands at a path, without following a link. */
export function lookAt(path: string): Stats | null {
  try {
    return lstatSync(path);
  } catch (fault) {
    if (errno(fault) === 'ENOENT') return null;
    throw fault;
  }
}

/** Which file it is, whatever its name. */
export type FileIdentity = Pick<Stats, 'dev' | 'ino'>;

/** Creates the file, which must not exist, readable by its owner alone, and has it on the disk on return. */
export function createFile(path: string, bytes: Uint8Array): FileIdentity {
  const made = write(path, bytes, null);
  try {
    syncDirectory(dirname(path));
  } catch (fault) {
    removeIfSame(path, made);
    throw fault;
  }
  return made;
}

/** Removes a file unless something else has its name by now. */
export function removeIfSame(path: string, made: FileIdentity): void {
  if (isSame(path, made)) unlinkSync(path);
}

/** Whether a path leads to that file still, without following a link. */
export function isSame(path: string, { dev, ino }: FileIdentity): boolean {
  const found = lookAt(path);
  return found !== null && found.dev === dev && found.ino === ino;
}

/**
 * Puts a new file in the place of whatever is at `path`, in one step: nobody ever sees half of it.
 *
 * @param rights what it has from the moment that it is there; null for its owner alone
 * @param onPlaced told which file it is once it is there, though it may not be on the disk yet
 */
export function replaceFile(
  path: string,
  bytes: Uint8Array,
  rights: Rights | null = null,
  onPlaced: (made: FileIdentity) => void = () => {},
): void {
  for (let attempt = 1; ; attempt += 1) {
    const sibling = temporaryPath(path, 'tmp');
    const made = write(sibling, bytes, rights);
    try {
      renameSync(sibling, path);
      onPlaced(made);
      break;
    } catch (fault) {
      removeIfSame(sibling, made);
      // A sweep by another version of this program may have removed the sibling before it got its name.
      if (errno(fault) !== 'ENOENT' || attempt === ATTEMPTS) throw fault;
    }
  }
  syncDirectory(dirname(path));
}

/** Proves that a file with such rights can be created beside `path`, and leaves nothing behind. */
export function proveWritable(path: string, rights: Rights | null = null): void {
  const sibling = temporaryPath(path, 'tmp');
  write(sibling, new Uint8Array(), rights);
  unlinkSync(sibling);
}

/** Removes what writes that were killed left in the directory of `path`. */
export function sweepSiblings(path: string): void {
  sweepLeftovers(path, ['tmp']);
}

/** A regular file, or the beginning of one, with its status at the same moment. */
export interface Look {
  readonly start: Buffer;
  readonly stats: Stats;
}

/** Looks into a regular file, of which it reads at most `limit` bytes. */
export function lookInto(path: string, limit: number): Look {
  const descriptor = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const start = Buffer.alloc(limit);
    const length = readSync(descriptor, start, 0, limit, 0);
    return { start: start.subarray(0, length), stats: fstatSync(descriptor) };
  } finally {
    closeSync(descriptor);
  }
}

/** Rights are given last, and by the descriptor: no name could lead to another file by then. */
function write(path: string, bytes: Uint8Array, rights: Rights | null): FileIdentity {
  const descriptor = createPrivateFile(path);
  const made = fstatSync(descriptor);
  try {
    writeFully(descriptor, bytes);
    if (rights !== null) giveRights(descriptor, rights);
    fsyncSync(descriptor);
    return made;
  } catch (fault) {
    removeIfSame(path, made);
    throw fault;
  } finally {
    closeSync(descriptor);
  }
}

/** Some file systems cannot sync a directory; the file itself is on the disk by then. */
function syncDirectory(directory: string): void {
  const descriptor = openSync(directory, constants.O_RDONLY);
  try {
    fsyncSync(descriptor);
  } catch (fault) {
    if (errno(fault) !== 'EINVAL') throw fault;
  } finally {
    closeSync(descriptor);
  }
}
