import { accessSync, constants, statSync } from 'node:fs';
import { delimiter } from 'node:path';

/** Result of a search: the program's path, or why it cannot be started. */
export type FoundProgram = { readonly path: string } | { readonly missing: 'not-found' | 'not-executable' };

/**
 * Finds a program as a shell does: a name with a slash is a path, any other is searched in `PATH`. The result
 * contains a slash, so that it is not searched again.
 */
export function findProgram(name: string, env: Readonly<Record<string, string | undefined>>): FoundProgram {
  if (name === '' || name.includes('\0')) return { missing: 'not-found' };
  const candidates = name.includes('/')
    ? [name]
    : (env['PATH'] ?? '/usr/local/bin:/usr/bin:/bin')
        .split(delimiter)
        .map((directory) => `${directory === '' ? '.' : directory}/${name}`);
  let found: FoundProgram = { missing: 'not-found' };
  for (const path of candidates) {
    const kind = examine(path);
    if (kind === 'executable') return { path };
    if (kind === 'other') found = { missing: 'not-executable' };
  }
  return found;
}

function examine(path: string): 'executable' | 'other' | 'absent' {
  try {
    if (!statSync(path).isFile()) return 'other';
  } catch {
    return 'absent';
  }
  try {
    accessSync(path, constants.X_OK);
    return 'executable';
  } catch {
    return 'other';
  }
}
