import { closeSync, openSync, readSync, writeSync } from 'node:fs';

/** Which parts of the memory a core dump of this process has; see core(5). */
const FILTER = '/proc/self/coredump_filter';

const NOTHING = '0';

/** Longer than any value of it. */
const LENGTH = 32;

/** How core dumps were before. */
export interface CoreDumps {
  /** Runs what starts a program whose core dumps are none of our business. */
  asBefore<T>(start: () => T): T;
}

/**
 * From now on a core dump of this process, and of those that it starts, has nothing of the memory, in which secrets
 * are. Other systems than Linux do not know of it; the limit on the size of core dumps cannot be set from Node.
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

/** @returns what it was before, in octal digits that can be written again; null where there is no such thing */
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
