import { rmdirSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { lookAt } from './identity.js';

/**
 * Removes a directory of this user and the named entries in it. No recursion: entries of other users could lead
 * elsewhere, and other files are not this program's. Errors are ignored.
 */
export function removeOwnDirectory(directory: string, names: readonly string[]): void {
  if (!isOwn(directory, 'directory')) return;
  for (const name of names) {
    const path = join(directory, name);
    if (isOwn(path, 'entry')) quietly(() => unlinkSync(path));
  }
  quietly(() => rmdirSync(directory));
}

function isOwn(path: string, kind: 'directory' | 'entry'): boolean {
  const found = lookAt(path);
  if (found === null || found.isDirectory() !== (kind === 'directory')) return false;
  return process.geteuid === undefined || found.uid === process.geteuid();
}

/** Runs a change and ignores its errors. */
export function quietly(change: () => void): void {
  try {
    change();
  } catch {}
}
