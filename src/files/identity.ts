import { lstatSync, type Stats } from 'node:fs';

/** Device and inode: identifies a file independent of its name. */
export type FileIdentity = Pick<Stats, 'dev' | 'ino'>;

/**
 * The entry at a path, without following a symbolic link (lstat); null where there is none.
 *
 * @throws the operating system's error where it cannot be read
 */
export function lookAt(path: string): Stats | null {
  return lstatSync(path, { throwIfNoEntry: false }) ?? null;
}

/** Whether both are there and are one inode. */
export function isSameInode(one: FileIdentity | null, other: FileIdentity | null): boolean {
  return one !== null && other !== null && one.ino === other.ino && one.dev === other.dev;
}

/** Whether the entry at a path has that identity. */
export function hasIdentity(path: string, identity: FileIdentity): boolean {
  return isSameInode(lookAt(path), identity);
}
