import { closeSync, lstatSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DRAFT_FILE, removeDraft, sweepLeftovers, temporaryPath } from './leftovers.js';
import { createPrivateFile, requirePrivate } from './private-file.js';

/**
 * A directory beside a file that is about to come about, for this process alone: whatever SQLite puts beside a
 * database while it works, nobody else can see, plant or exchange it.
 */
export interface PrivateDraft {
  /** An empty file in it, for its owner alone. */
  readonly file: string;
  remove(): void;
}

/** Makes the directory, and removes those that were left by processes that were killed. */
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
