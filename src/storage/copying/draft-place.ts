import { closeSync, constants, openSync } from 'node:fs';

/** Where a copy is made: a directory beside the place of the store, for its owner alone, that the next command finds. */
export interface DraftPlace {
  /** Where the store is to be. */
  readonly path: string;
  readonly directory: string;
  readonly file: string;
}

/** An empty file for its owner alone, unless it is there already. */
export function makePrivateFile(file: string): void {
  try {
    closeSync(openSync(file, constants.O_RDWR | constants.O_CREAT | constants.O_EXCL, 0o600));
  } catch (fault) {
    if (!(fault instanceof Error && 'code' in fault && fault.code === 'EEXIST')) throw fault;
  }
}
