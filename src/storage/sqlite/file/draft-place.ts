import { closeSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { errno } from '../../../files/errno.js';
import { DATABASE_SUFFIXES, DRAFT_FILE } from '../../../files/leftovers.js';
import { removeOwnDirectory } from '../../../files/own-directory.js';
import { createPrivateFile } from '../../../files/private-file.js';

/**
 * The draft of a copy: a directory of mode 0700 beside the store's path, under a fixed name, so that the next
 * command can resume.
 */
export interface DraftPlace {
  /** The store's future path. */
  readonly path: string;
  readonly directory: string;
  readonly file: string;
}

/** The place of the draft for a copy to `path`. */
export function copyDraftPlace(path: string): DraftPlace {
  const directory = join(dirname(path), `.${basename(path)}.copy`);
  return { path, directory, file: join(directory, DRAFT_FILE) };
}

/** The file whose lock excludes a second command. */
export const LOCK_FILE = 'lock.db';

/** Removes the draft's directory and the files in it; another user's directory of that name stays. */
export function removeDirectory({ directory }: DraftPlace): void {
  const names = [DRAFT_FILE, LOCK_FILE].flatMap((file) =>
    DATABASE_SUFFIXES.map((suffix) => `${file}${suffix}`),
  );
  removeOwnDirectory(directory, names);
}

/** Creates an empty file of mode 0600, unless it exists. */
export function makePrivateFile(file: string): void {
  try {
    closeSync(createPrivateFile(file));
  } catch (fault) {
    if (errno(fault) !== 'EEXIST') throw fault;
  }
}
