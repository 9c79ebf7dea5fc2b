import type { Stats } from 'node:fs';
import type { Rights } from './private-file.js';

/** The rights of a file that takes the place of another one, or why it cannot have them. */
export type Succession =
  /** For this user alone; null stands for what a new file has anyway. */
  | { readonly rights: Rights | null; readonly refusal: null }
  /**
   * `shared-directory`: others can put files there, so that the owner and group of what is there are not to be relied
   * on. `third-owner`: it belongs neither to this user nor to the owner of the directory.
   */
  | { readonly rights: null; readonly refusal: 'shared-directory' | 'third-owner' };

/** The parts of a file's status that count here. */
type Status = Pick<Stats, 'uid' | 'gid' | 'mode'>;

/**
 * Which rights the successor of a file gets: its owner, group and mode, without execution and without anything for
 * others. They decide who can read a secret, so that they count only where nobody but the owner of the directory can
 * have put the file there, by a hard link for one.
 *
 * @param self the effective user
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
