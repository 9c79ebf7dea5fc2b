import {
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  openSync,
  readSync,
  renameSync,
  type Stats,
  unlinkSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { syncDirectory } from '../../files/atomic.js';
import { errno } from '../../files/errno.js';
import { type FileIdentity, hasIdentity } from '../../files/identity.js';
import { sweepLeftovers, temporaryPath } from '../../files/leftovers.js';
import { createPrivateFile, giveRights, type Rights } from '../../files/private-file.js';
import { writeFully } from '../streams.js';

/** Attempts at a replacement whose temporary file vanishes. */
const ATTEMPTS = 3;

/** Creates a file exclusively with mode 0600; durable on return. */
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

/** Removes a file if the path still has that identity. */
export function removeIfSame(path: string, made: FileIdentity): void {
  if (hasIdentity(path, made)) unlinkSync(path);
}

/**
 * Replaces a file atomically: temporary file, fsync, rename.
 *
 * @param rights of the new file, set before the rename; null for mode 0600 and the caller's ownership
 * @param onPlaced called with its identity after the rename, before the directory is synced
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
      // The sweep of an older program version may have removed the temporary file before the rename.
      if (errno(fault) !== 'ENOENT' || attempt === ATTEMPTS) throw fault;
    }
  }
  syncDirectory(dirname(path));
}

/** Checks that a file with such rights can be created beside `path`; leaves nothing behind. */
export function proveWritable(path: string, rights: Rights | null = null): void {
  const sibling = temporaryPath(path, 'tmp');
  write(sibling, new Uint8Array(), rights);
  unlinkSync(sibling);
}

/** Removes temporary files of killed writes in the directory of `path`. */
export function sweepSiblings(path: string): void {
  sweepLeftovers(path, ['tmp']);
}

/** The beginning of a regular file, with its status from the same descriptor. */
export interface Look {
  readonly start: Buffer;
  readonly stats: Stats;
}

/** Reads at most `limit` bytes of a regular file; does not follow links or block on a FIFO. */
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

/** Sets the rights last, by descriptor (fchown, fchmod), so that a renamed path has no effect (TOCTOU). */
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
