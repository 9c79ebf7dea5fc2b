import type { Stats } from 'node:fs';
import type { Rights } from './private-file.js';

/** The rights of a file that replaces another, or why it cannot have them. */
export type Succession =
  /** The rights to apply; null for mode 0600 of this user, which a new file has anyway. */
  | { readonly rights: Rights | null; readonly refusal: null }
  /**
   * `shared-directory`: other users can put files there, so owner and group of a file in it prove nothing.
   * `third-owner`: the file belongs neither to this user nor to the owner of the directory.
   */
  | { readonly rights: null; readonly refusal: 'shared-directory' | 'third-owner' };

/** The relevant part of a file's status. */
type Status = Pick<Stats, 'uid' | 'gid' | 'mode'>;

/**
 * The rights that the successor of a file inherits: owner, group and mode, without execute bits and without
 * permissions for others. They decide who can read a secret, so they are inherited only where the owner of the
 * directory alone can have put the file there, by a hard link for instance.
 *
 * @param self the effective uid
 */
export function successionTo(
  file: Status,
  directory: Pick<Status, 'uid' | 'mode'>,
  self: number,
): Succession {
  const isShared = (directory.mode & 0o022) !== 0;
  const isForUsAlone = file.uid === self && (file.mode & 0o070) === 0;
  if (isShared) return isForUsAlone ? { rights: null, refusal: null } : refused('shared-directory');
  if (file.uid !== self && file.uid !== directory.uid) return refused('third-owner');
  return { rights: { uid: file.uid, gid: file.gid, mode: file.mode & 0o660 }, refusal: null };
}

function refused(refusal: 'shared-directory' | 'third-owner'): Succession {
  return { rights: null, refusal };
}
