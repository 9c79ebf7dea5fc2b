import { closeSync, openSync, readSync, writeSync } from 'node:fs';

/** Controls which memory mappings are part of a core dump; see core(5). */
const FILTER = '/proc/self/coredump_filter';

const NOTHING = '0';

/** Maximum length of its value, in bytes. */
const LENGTH = 32;

/** The former core dump settings. */
export interface CoreDumps {
  /** Runs `start` with the former settings, for a child whose core dumps are its own. */
  asBefore<T>(start: () => T): T;
}

/**
 * Excludes all memory, which contains secrets, from core dumps of this process and its children. Linux only;
 * Node.js cannot set the size limit of core dumps (RLIMIT_CORE).
 */
export function withholdMemory(): CoreDumps {
  const before = exchange(NOTHING);
  return {
    asBefore(start) {
      if (before === null) return start();
      exchange(before);
      try {
        return start();
      } finally {
        exchange(NOTHING);
      }
    },
  };
}

/**
 * Writes the filter.
 *
 * @returns the former value in octal digits, suitable to be written again; null where the file does not exist
 */
function exchange(value: string): string | null {
  let file: number;
  try {
    file = openSync(FILTER, 'r+');
  } catch {
    return null;
  }
  try {
    const bytes = Buffer.alloc(LENGTH);
    const text = bytes.toString('latin1', 0, readSync(file, bytes, 0, LENGTH, 0)).trim();
    writeSync(file, value, 0);
    return `0x${text}`;
  } catch {
    return null;
  } finally {
    closeSync(file);
  }
}
