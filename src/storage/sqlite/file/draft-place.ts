import { closeSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { errno } from '../../../files/errno.js';
import { DATABASE_SUFFIXES, DRAFT_FILE } from '../../../files/leftovers.js';
import { removeOwnDirectory } from '../../../files/own-directory.js';
import { createPrivateFile } from '../../../files/private-file.js';

/** Where a copy is made: a directory beside the place of the store, for its owner alone, that the next command finds. */
export interface DraftPlace {
  /** Where the store is to be. */
  readonly path: string;
  readonly directory: string;
  readonly file: string;
}

/** Where a copy to `path` is made. */
export function copyDraftPlace(path: string): DraftPlace {
  const directory = join(dirname(path), `.${basename(path)}.copy`);
  return { path, directory, file: join(directory, DRAFT_FILE) };
}

/** The file whose lock keeps a second command away. */
export const LOCK_FILE = 'lock.db';

/** Removes what was made there; another user's directory of that name stays. */
export function removeDirectory({ directory }: DraftPlace): void {
  const names = [DRAFT_FILE, LOCK_FILE].flatMap((file) =>
    DATABASE_SUFFIXES.map((suffix) => `${file}${suffix}`),
  );
  removeOwnDirectory(directory, names);
}

/** An empty file for its owner alone, unless it is there already. */
export function makePrivateFile(file: string): void {
  try {
    closeSync(createPrivateFile(file));
  } catch (fault) {
    if (errno(fault) !== 'EEXIST') throw fault;
  }
}
