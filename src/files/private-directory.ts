import { closeSync, lstatSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DRAFT_FILE, removeDraft, sweepLeftovers, temporaryPath } from './leftovers.js';
import { createPrivateFile, requirePrivate } from './private-file.js';

/**
 * A directory of mode 0700 beside a file to be created: files that SQLite puts beside the database are inaccessible
 * to other users, who could otherwise read, plant or replace them.
 */
export interface PrivateDraft {
  /** An empty file in it, of mode 0600. */
  readonly file: string;
  remove(): void;
}

/**
 * Creates the directory, and removes those left by killed processes.
 *
 * @throws RightsNotKept; the operating system's error
 */
export function makePrivateDraft(target: string): PrivateDraft {
  sweepLeftovers(target, ['draft']);
  const directory = temporaryPath(target, 'draft');
  mkdirSync(directory, 0o700);
  const draft: PrivateDraft = {
    file: join(directory, DRAFT_FILE),
    remove: () => removeDraft(directory),
  };
  try {
    requirePrivate(lstatSync(directory));
    closeSync(createPrivateFile(draft.file));
    return draft;
  } catch (fault) {
    draft.remove();
    throw fault;
  }
}
