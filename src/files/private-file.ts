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

/** Owner, group and permissions of a file. */
export interface Rights {
  readonly uid: number;
  readonly gid: number;
  /** The permission bits of the mode. */
  readonly mode: number;
}

/**
 * Thrown where a file system did not apply the requested rights: it has none (FAT; NTFS as usually mounted), or
 * maps every file to one user.
 */
export class RightsNotKept extends Error {
  override readonly name = 'RightsNotKept';

  /** @param missing what it did not apply; `given-owner` where this user may not give files to that owner or group */
  constructor(
    readonly missing: 'mode' | 'owner' | 'given-owner',
    cause: unknown = null,
  ) {
    super(`not kept: ${missing}`, { cause });
  }
}

/**
 * Creates a file that must not exist (O_EXCL, O_NOFOLLOW) with mode 0600, whatever the umask.
 *
 * @returns a descriptor for reading and writing
 * @throws RightsNotKept, and the file is removed; the operating system's error
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
 * Checks that a newly created entry belongs to this user and has no permissions for others.
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
 * Changes an open file's owner, group and mode, and verifies them. Execute permission is not verified: some file
 * systems set it on every file.
 *
 * @throws RightsNotKept; the operating system's error
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

/** EINVAL is for ids that are not mapped in the user namespace. */
function giveOwner(descriptor: number, uid: number, gid: number): void {
  try {
    fchownSync(descriptor, uid, gid);
  } catch (fault) {
    if (!['EPERM', 'EINVAL'].includes(errno(fault) ?? '')) throw fault;
    throw new RightsNotKept('given-owner', fault);
  }
}

/** Whether a directory keeps mode and owner of a new file; `unknown` where none can be created. */
export type Keeping = 'kept' | 'not-kept' | 'read-only' | 'unknown';

/**
 * Tests, with a trial file that is removed again, whether a directory's file system keeps modes and owners.
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

/** Some file systems fail, others ignore the call: the caller checks the mode afterwards. */
function takeMode(descriptor: number, mode: number): void {
  try {
    fchmodSync(descriptor, mode);
  } catch (fault) {
    if (!['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'].includes(errno(fault) ?? '')) throw fault;
  }
}
