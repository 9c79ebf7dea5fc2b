import { randomBytes } from 'node:crypto';
import { closeSync, constants, mkdirSync, openSync, readdirSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

/**
 * A directory beside a file that is about to come about, for this process alone: whatever SQLite puts beside a
 * database while it works, nobody else can see, plant or exchange it.
 */
export interface PrivateDraft {
  /** An empty file in it, for its owner alone. */
  readonly file: string;
  /** Another name in it. */
  path(name: string): string;
  remove(): void;
}

/** Makes the directory, and removes those that were left by processes that were killed. */
export function makePrivateDraft(target: string, isRunning: (pid: number) => boolean): PrivateDraft {
  sweepDrafts(target, isRunning);
  const mark = `${process.pid}-${randomBytes(6).toString('hex')}`;
  const directory = join(dirname(target), `.${basename(target)}.${mark}.draft`);
  mkdirSync(directory, 0o700);
  const draft: PrivateDraft = {
    file: join(directory, 'draft.db'),
    path: (name) => join(directory, name),
    remove: () => removeTree(directory),
  };
  try {
    closeSync(openSync(draft.file, constants.O_RDWR | constants.O_CREAT | constants.O_EXCL, 0o600));
    return draft;
  } catch (fault) {
    draft.remove();
    throw fault;
  }
}

/** Removes what was left beside a file by processes that were killed. */
export function sweepDrafts(target: string, isRunning: (pid: number) => boolean): void {
  const pattern = /^\.(.+)\.(\d+)-[0-9a-f]{12}\.draft$/;
  for (const entry of readdirSync(dirname(target))) {
    const [, of, pid] = pattern.exec(entry) ?? [];
    if (of === basename(target) && pid !== undefined && !isRunning(Number(pid))) {
      removeTree(join(dirname(target), entry));
    }
  }
}

/** Links are removed, not followed. */
function removeTree(directory: string): void {
  try {
    rmSync(directory, { recursive: true, force: true });
  } catch {}
}
