import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import type { BlockScanner, Located } from '../../domain/scan/block-scanner.js';

const BLOCK_BYTES = 1 << 20;

/** What reading a file gave. */
export type FileScan =
  | { readonly kind: 'file'; readonly bytes: number; readonly found: readonly Located[] }
  | { readonly kind: 'other'; readonly what: string };

/** Reads files one after the other, through one block of memory. */
export class FileScanner {
  readonly #scanner: () => BlockScanner;
  readonly #block = Buffer.allocUnsafeSlow(BLOCK_BYTES);

  constructor(scanner: () => BlockScanner) {
    this.#scanner = scanner;
  }

  /**
   * Scans a file as it is when it is opened: what is written to it later is left out, and where it is cut off, it ends.
   *
   * @param followsLink whether a symbolic link is followed, as one that was named is
   * @throws the errno of the call that failed
   */
  scan(path: string | Buffer, followsLink = false): FileScan {
    // A named pipe would block, and a terminal become the controlling one.
    const flags = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY;
    const fd = openSync(path, followsLink ? flags : flags | constants.O_NOFOLLOW);
    try {
      const status = fstatSync(fd);
      if (!status.isFile()) return { kind: 'other', what: kindOf(status) };
      return { kind: 'file', ...this.#read(fd, status.size) };
    } finally {
      closeSync(fd);
    }
  }

  /** A size of 0 is also that of files which the kernel makes as they are read, such as those of /proc. */
  #read(fd: number, size: number): { bytes: number; found: readonly Located[] } {
    const scanner = this.#scanner();
    const limit = size === 0 ? Number.POSITIVE_INFINITY : size;
    const found: Located[] = [];
    let bytes = 0;
    while (bytes < limit) {
      const wanted = Math.min(BLOCK_BYTES, limit - bytes);
      const read = readSync(fd, this.#block, 0, wanted, null);
      if (read === 0) break;
      bytes += read;
      found.push(...scanner.push(this.#block.subarray(0, read), bytes >= limit));
    }
    return { bytes, found };
  }
}

interface FileKind {
  isDirectory(): boolean;
  isFIFO(): boolean;
  isSocket(): boolean;
  isSymbolicLink(): boolean;
}

/** What a thing in a directory is that is no file. */
export function kindOf(entry: FileKind): string {
  if (entry.isDirectory()) return 'a directory';
  if (entry.isSymbolicLink()) return 'a symbolic link';
  if (entry.isFIFO()) return 'a named pipe';
  return entry.isSocket() ? 'a socket' : 'a device';
}
