import { lstatSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { CredctlError } from '../../../domain/errors.js';
import { quote, shellWord } from '../../../domain/text/quote.js';
import { effectiveUser } from '../../../files/account.js';
import { temporaryPath } from '../../../files/leftovers.js';
import { type Keeping, keepingOf } from '../../../files/private-file.js';
import { userName } from '../../../files/user-name.js';

/** A path as messages name it. */
export function shown(path: string): string {
  return /^[\w./@+-]{1,250}$/.test(path) ? path : quote(path);
}

/** Others can put another file in the place of the store. */
export function looseDirectory(directory: string): CredctlError {
  return lackOfRights(
    directory,
    directory,
    `${shown(directory)} can be changed by other users`,
    `run: chmod go-w ${shellWord(directory)}`,
  );
}

/** Others can read it. */
export function loose(path: string, mode: '600' | '700'): CredctlError {
  return lackOfRights(
    path,
    dirname(path),
    `${shown(path)} is open to other users`,
    `run: chmod ${mode} ${shellWord(path)}`,
  );
}

/** It belongs to another user, and so does what is written to it. */
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

/** Its owner can put another file in the place of the store. */
export function foreignDirectory(directory: string, uid: number): CredctlError {
  return lackOfRights(
    directory,
    directory,
    `${shown(directory)} belongs to another user`,
    `run the command as its owner: ${asUser(uid)}, or keep the store in a directory of your own`,
  );
}

/** What root makes below the home of a user, that user's other programs can no longer use. */
export function foreignHome(directory: string, uid: number): CredctlError {
  return new CredctlError(
    'denied',
    `${shown(directory)} belongs to another user, and what root makes there would be root's`,
    {
      hint: `for that user's store: ${asUser(uid)}; for one of root's own: sudo -H credctl …, or name a place with --store`,
    },
  );
}

/** A directory on the way is closed to this user. */
export function unreachable(path: string): CredctlError {
  const foreign = firstForeign(path);
  return new CredctlError('denied', `permission to open ${shown(path)} is denied`, {
    hint:
      foreign === null
        ? `run: chmod u+rwx ${shellWord(dirname(path))} && chmod 600 ${shellWord(path)}`
        : `${shown(foreign.path)} belongs to another user; ${
            foreign.isBelowOurs
              ? `if it is yours and was made with sudo, run: sudo chown -R "$(id -u):$(id -g)" ${shellWord(foreign.path)}`
              : `run the command as its owner: ${asUser(foreign.uid)}, or name a place of your own with --store`
          }`,
  });
}

export function onReadOnlyFileSystem(path: string, cause: unknown = null): CredctlError {
  return new CredctlError('store_unavailable', `${shown(path)} is on a read-only file system`, {
    hint: 'mount it to be written, or work on a copy on another disk',
    cause,
  });
}

/** The file system of a store, or of something beside it, cannot close a file to other users. */
export function keepsNoModes(path: string, cause: unknown = null): CredctlError {
  return new CredctlError(
    'store_unavailable',
    `${shown(path)} is on a file system that keeps no modes or owners, so that it cannot be closed to other users`,
    { hint: 'name a place on another file system; chmod and chown have no effect there', cause },
  );
}

/** A remedy is named only where it has an effect. */
function lackOfRights(path: string, directory: string, message: string, remedy: string): CredctlError {
  const keeping = rightsIn(directory);
  if (keeping === 'not-kept') return keepsNoModes(path);
  return new CredctlError('denied', message, {
    hint:
      keeping === 'read-only'
        ? `its file system is read-only; work on a copy: install -m 600 ${shellWord(path)} COPY`
        : remedy,
  });
}

function rightsIn(directory: string): Keeping {
  return keepingOf(temporaryPath(join(directory, 'trial'), 'tmp'));
}

function asUser(uid: number): string {
  return `sudo -u ${shellWord(userName(uid))} credctl …`;
}

/** The first directory on the way to a path that is closed to this user since it belongs to another. */
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
