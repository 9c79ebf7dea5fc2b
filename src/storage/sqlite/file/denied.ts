import { lstatSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { CredctlError } from '../../../domain/errors.js';
import { quote, shellWord } from '../../../domain/text/quote.js';
import { effectiveUser } from '../../../files/account.js';
import { temporaryPath } from '../../../files/leftovers.js';
import { type Keeping, keepingOf } from '../../../files/private-file.js';
import { userName } from '../../../files/user-name.js';

/** A path as messages show it, quoted where it needs that. */
export function shown(path: string): string {
  return /^[\w./@+-]{1,250}$/.test(path) ? path : quote(path);
}

/** The error for a directory in which other users could replace the store. */
export function looseDirectory(directory: string): CredctlError {
  return lackOfRights(
    directory,
    directory,
    `other users can change ${shown(directory)}`,
    `run: chmod go-w ${shellWord(directory)}`,
  );
}

/** The error for a file or directory with permissions for other users. */
export function loose(path: string, mode: '600' | '700'): CredctlError {
  return lackOfRights(
    path,
    dirname(path),
    `other users can read or write ${shown(path)}`,
    `run: chmod ${mode} ${shellWord(path)}`,
  );
}

/** The error for a file of another user, who could read what is written to it. */
export function foreignFile(path: string, uid: number): CredctlError {
  const takeOver = `chown "$(id -u)" ${shellWord(path)}`;
  return lackOfRights(
    path,
    dirname(path),
    `${shown(path)} belongs to another user`,
    uid === 0
      ? `if it is yours and was made with sudo, run: sudo ${takeOver}`
      : `run the command as its owner: ${asUser(uid)}, or: ${takeOver}`,
  );
}

/** The error for another user's directory, whose owner could replace the store. */
export function foreignDirectory(directory: string, uid: number): CredctlError {
  return lackOfRights(
    directory,
    directory,
    `${shown(directory)} belongs to another user`,
    `run the command as its owner: ${asUser(uid)}, or keep the store in your own directory`,
  );
}

/** The error for root in another user's directory: files that root creates there are unusable for that user. */
export function foreignHome(directory: string, uid: number): CredctlError {
  return new CredctlError(
    'denied',
    `${shown(directory)} belongs to another user, and files that root creates there would belong to root`,
    {
      hint: `for the store of that user: ${asUser(uid)}; for a store of root: sudo -H credctl …, or name a file with --store`,
    },
  );
}

/** The error for a path with a directory that this user may not search. */
export function unreachable(path: string): CredctlError {
  const foreign = firstForeign(path);
  return new CredctlError('denied', `permission to open ${shown(path)} is denied`, {
    hint:
      foreign === null
        ? `run: chmod u+rwx ${shellWord(dirname(path))} && chmod 600 ${shellWord(path)}`
        : `${shown(foreign.path)} belongs to another user; ${
            foreign.isBelowOurs
              ? `if it is yours and was made with sudo, run: sudo chown -R "$(id -u):$(id -g)" ${shellWord(foreign.path)}`
              : `run the command as its owner: ${asUser(foreign.uid)}, or name a file of your own with --store`
          }`,
  });
}

/** Of a path on a file system that is mounted read-only: the fact, and what helps. */
export const READ_ONLY_FILE_SYSTEM = {
  fact: 'is on a read-only file system',
  hint: 'mount it read-write, or work on a copy on another disk',
};

/** The error for a file system without modes or owners, where a file cannot be protected from other users. */
export function keepsNoModes(path: string, cause: unknown = null): CredctlError {
  return new CredctlError(
    'store_unavailable',
    `${shown(path)} is on a file system without permissions: other users could read it`,
    { hint: 'name a file on another file system; chmod and chown have no effect on this one', cause },
  );
}

/** Names a remedy only where the file system lets it take effect. */
function lackOfRights(path: string, directory: string, message: string, remedy: string): CredctlError {
  const keeping = rightsIn(directory);
  if (keeping === 'not-kept') return keepsNoModes(path);
  return new CredctlError('denied', message, {
    hint:
      keeping === 'read-only'
        ? `the file system is read-only; work on a copy: install -m 600 ${shellWord(path)} COPY`
        : remedy,
  });
}

function rightsIn(directory: string): Keeping {
  return keepingOf(temporaryPath(join(directory, 'trial'), 'tmp'));
}

function asUser(uid: number): string {
  return `sudo -u ${shellWord(userName(uid))} credctl …`;
}

/**
 * The first directory of a path that belongs to another user and is not searchable for this one, or that lies in a
 * directory of this user.
 */
function firstForeign(path: string): { path: string; uid: number; isBelowOurs: boolean } | null {
  const self = effectiveUser();
  let above: number | null = null;
  for (const directory of [...ancestorsOf(path), path]) {
    const uid = ownerOf(directory);
    if (uid === null) return null;
    if (uid !== self && (above === self || isClosed(directory))) {
      return { path: directory, uid, isBelowOurs: above === self };
    }
    above = uid;
  }
  return null;
}

function ancestorsOf(path: string): readonly string[] {
  const above = dirname(path);
  return above === path ? [] : [...ancestorsOf(above), above];
}

function ownerOf(path: string): number | null {
  try {
    return lstatSync(path).uid;
  } catch {
    return null;
  }
}

function isClosed(directory: string): boolean {
  return (statSync(directory).mode & 0o001) === 0;
}
