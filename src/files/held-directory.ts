import { closeSync, constants, existsSync, openSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { O_PATH } from './mounts.js';

/** A directory held open by its inode: its path can lead to another one once a parent directory is changed (TOCTOU). */
export interface HeldDirectory {
  /** The path of an entry in this very directory, even after it is moved. */
  at(name: string): string;
  release(): void;
}

/**
 * Opens the directory of a file (O_PATH). Where the system has no paths by descriptor (proc(5)), entries are
 * resolved by path.
 *
 * @throws the operating system's error
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
