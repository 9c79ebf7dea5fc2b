import {
  closeSync,
  constants,
  fchmodSync,
  fsyncSync,
  lstatSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  type Stats,
} from 'node:fs';
import { dirname } from 'node:path';
import { errno } from '../files/errno.js';
import { sweepLeftovers, temporaryPath } from '../files/leftovers.js';
import { writeFully } from './streams.js';

const OWNER_ONLY = 0o600;

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

/** Creates the file, which must not exist, readable by its owner alone, and has it on the disk on return. */
export function createFile(path: string, bytes: Uint8Array): void {
  let created = false;
  try {
    const descriptor = openSync(
      path,
      constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW,
      OWNER_ONLY,
    );
    created = true;
    fill(descriptor, bytes);
    syncDirectory(dirname(path));
  } catch (fault) {
    if (created) rmSync(path, { force: true });
    throw fault;
  }
}

/** Puts a new file in the place of whatever is at `path`, in one step: nobody ever sees half of it. */
export function replaceFile(path: string, bytes: Uint8Array): void {
  for (let attempt = 1; ; attempt += 1) {
    const sibling = temporaryPath(path, 'tmp');
    try {
      createFile(sibling, bytes);
      renameSync(sibling, path);
      break;
    } catch (fault) {
      rmSync(sibling, { force: true });
      // A sweep by another version of this program may have removed the sibling before it got its name.
      if (errno(fault) !== 'ENOENT' || attempt === ATTEMPTS) throw fault;
    }
  }
  syncDirectory(dirname(path));
}

/** Proves that a file can be created beside `path`, and leaves nothing behind. */
export function proveWritable(path: string): void {
  const sibling = temporaryPath(path, 'tmp');
  createFile(sibling, new Uint8Array());
  rmSync(sibling, { force: true });
}

/** Removes what writes that were killed left in the directory of `path`. */
export function sweepSiblings(path: string): void {
  sweepLeftovers(path, ['tmp']);
}

/** The beginning of a regular file, at most `limit` bytes. */
export function startOfFile(path: string, limit: number): Buffer {
  const descriptor = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const start = Buffer.alloc(limit);
    return start.subarray(0, readSync(descriptor, start, 0, limit, 0));
  } finally {
    closeSync(descriptor);
  }
}

function fill(descriptor: number, bytes: Uint8Array): void {
  try {
    fchmodSync(descriptor, OWNER_ONLY);
    writeFully(descriptor, bytes);
    fsyncSync(descriptor);
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
