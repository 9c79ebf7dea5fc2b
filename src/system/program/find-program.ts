import { accessSync, constants, statSync } from 'node:fs';
import { delimiter } from 'node:path';

/** What became of the search for a program: its path, or why it cannot be started. */
export type FoundProgram = { readonly path: string } | { readonly missing: 'not-found' | 'not-executable' };

/**
 * Looks for a program the way a shell does: a name with a slash is a path, any other name is looked up in `PATH`. The
 * path in the answer holds a slash, so that it is not looked up again.
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
