import { lstatSync, rmdirSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Removes a directory of this user, and the entries in it that are named: without recursion, since what another user
 * has put there could lead elsewhere, and what is there besides is not ours to remove. A failure leaves the rest.
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
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found === undefined || found.isDirectory() !== (kind === 'directory')) return false;
  return process.geteuid === undefined || found.uid === process.geteuid();
}

/** Does without what fails. */
export function quietly(change: () => void): void {
  try {
    change();
  } catch {}
}
