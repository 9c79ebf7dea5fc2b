import { closeSync, constants, existsSync, openSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** `O_PATH` of Linux, which Node does not name: a descriptor that stands for a place, and needs no right to read it. */
const O_PATH = 0o10000000;

/** A directory by what it is and not by its name, which whoever can change the one above can give to another. */
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
