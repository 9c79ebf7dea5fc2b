import {
  closeSync,
  constants,
  fchmodSync,
  fchownSync,
  fstatSync,
  openSync,
  rmSync,
  type Stats,
} from 'node:fs';
import { errno } from './errno.js';

const OWNER_ONLY = 0o600;

/** Who a file belongs to, and what others may do with it. */
export interface Rights {
  readonly uid: number;
  readonly gid: number;
  /** The permission bits of the mode. */
  readonly mode: number;
}

/**
 * A file system did not give a file the rights that were asked for: it has none to give (FAT; NTFS as it is usually
 * mounted), or it gives every file to one user.
 */
export class RightsNotKept extends Error {
  override readonly name = 'RightsNotKept';

  /** @param missing what it did not take; `given-owner` where this user may not give files to that owner or group */
  constructor(
    readonly missing: 'mode' | 'owner' | 'given-owner',
    cause: unknown = null,
  ) {
    super(`not kept: ${missing}`, { cause });
  }
}

/**
 * Creates a file, which must not exist, for its owner alone, whatever the umask.
 *
 * @returns a descriptor to read and write it by
 * @throws RightsNotKept, and nothing is left; the fault of the operating system
 */
export function createPrivateFile(path: string): number {
  const flags = constants.O_RDWR | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
  const descriptor = openSync(path, flags, OWNER_ONLY);
  try {
    takeMode(descriptor, OWNER_ONLY);
    requirePrivate(fstatSync(descriptor));
    return descriptor;
  } catch (fault) {
    closeSync(descriptor);
    rmSync(path, { force: true });
    throw fault;
  }
}

/**
 * Makes sure that what this process has just created is for itself alone.
 *
 * @throws RightsNotKept
 */
export function requirePrivate({ mode, uid }: Pick<Stats, 'mode' | 'uid'>): void {
  const self = process.geteuid?.();
  if (self === undefined) return;
  if ((mode & 0o077) !== 0) throw new RightsNotKept('mode');
  if (uid !== self) throw new RightsNotKept('owner');
}

/**
 * Gives an open file other rights, and makes sure that it has them. Execution is not looked at: some file systems give
 * every file the right to it.
 *
 * @throws RightsNotKept; the fault of the operating system
 */
export function giveRights(descriptor: number, { uid, gid, mode }: Rights): void {
  if (process.geteuid === undefined) return;
  const before = fstatSync(descriptor);
  if (before.uid !== uid || before.gid !== gid) giveOwner(descriptor, uid, gid);
  takeMode(descriptor, mode);
  const after = fstatSync(descriptor);
  if (after.uid !== uid || after.gid !== gid) throw new RightsNotKept('given-owner');
  if (((after.mode ^ mode) & 0o666) !== 0) throw new RightsNotKept('mode');
}

/** EINVAL is for ids that a user namespace does not have. */
function giveOwner(descriptor: number, uid: number, gid: number): void {
  try {
    fchownSync(descriptor, uid, gid);
  } catch (fault) {
    if (!['EPERM', 'EINVAL'].includes(errno(fault) ?? '')) throw fault;
    throw new RightsNotKept('given-owner', fault);
  }
}

/** What a directory does with the mode and the owner of a new file; `unknown` where none can be made. */
export type Keeping = 'kept' | 'not-kept' | 'read-only' | 'unknown';

/**
 * Tries whether a directory is on a file system that keeps modes and owners, and leaves nothing behind.
 *
 * @param trial a free name in it
 */
export function keepingOf(trial: string): Keeping {
  try {
    closeSync(createPrivateFile(trial));
    rmSync(trial, { force: true });
    return 'kept';
  } catch (fault) {
    if (fault instanceof RightsNotKept) return 'not-kept';
    return errno(fault) === 'EROFS' ? 'read-only' : 'unknown';
  }
}

/** Some file systems refuse, others do nothing: what counts is the mode afterwards. */
function takeMode(descriptor: number, mode: number): void {
  try {
    fchmodSync(descriptor, mode);
  } catch (fault) {
    if (!['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'].includes(errno(fault) ?? '')) throw fault;
  }
}
