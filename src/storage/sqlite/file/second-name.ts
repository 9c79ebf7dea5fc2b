import { basename, dirname, join } from 'node:path';
import { lookAt } from '../../../files/identity.js';
import { isSameFile, namesIn, temporaryNamesOf } from '../../../files/leftovers.js';
import { copyDraftPlace } from './draft-place.js';

/** Infix in the name of a file that a restore has replaced, between the store's name and the time. */
export const REPLACED = '.replaced-';

/** Attempts while the link count changes, because a store is being created or replaced. */
const TRIES = 5;

/**
 * Whether a store's file has a hard link besides its name. Links that this program makes temporarily, or left
 * behind when it was killed, do not count: no database is opened by them.
 *
 * @param links the file's st_nlink a moment ago
 */
export function hasSecondName(path: string, links: number): boolean {
  let before = links;
  for (let tries = 0; tries < TRIES; tries += 1) {
    if (before - ownNames(path) <= 1) return false;
    const after = lookAt(path)?.nlink ?? 1;
    if (after === before) return true;
    before = after;
  }
  return before > 1;
}

function ownNames(path: string): number {
  const directory = dirname(path);
  const kept = namesIn(directory)
    .filter((name) => name.startsWith(`${basename(path)}${REPLACED}`))
    .map((name) => join(directory, name));
  const others = [...kept, copyDraftPlace(path).file].filter((name) => isSameFile(name, path));
  return others.length + temporaryNamesOf(path);
}
