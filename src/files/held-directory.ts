import { closeSync, constants, existsSync, openSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { O_PATH } from './mounts.js';

/** A directory by its inode: its name can lead to another one as soon as the directory above is changed. */
export interface HeldDirectory {
  /** A path of an entry that leads into this very directory, wherever it is moved. */
  at(name: string): string;
  release(): void;
}

/**
 * Holds the directory of a file. Where the system has no paths by descriptors (proc(5)), its entries are found by its name.
 *
 * @throws the fault of the operating system
 */
export function holdDirectoryOf(path: string): HeldDirectory {
  const directory = dirname(path);
  if (process.platform !== 'linux') return byName(directory);
  const descriptor = openSync(directory, O_PATH | constants.O_DIRECTORY);
  const held = `/proc/self/fd/${descriptor}`;
  if (!existsSync(held)) {
    closeSync(descriptor);
    return byName(directory);
  }
  let isHeld = true;
  return {
    at: (name) => join(held, name),
    release() {
      if (isHeld) closeSync(descriptor);
      isHeld = false;
    },
  };
}

function byName(directory: string): HeldDirectory {
  return { at: (name) => join(directory, name), release: () => {} };
}
