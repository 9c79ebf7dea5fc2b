import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import type { BlockScanner, Located } from '../../domain/scan/block-scanner.js';
import { errno } from '../../files/errno.js';
import { errnoText } from './errno-text.js';

const BLOCK_BYTES = 1 << 20;

/** What reading a file gave; `unread` is why it ended early. */
export type FileScan =
  | {
      readonly kind: 'file';
      readonly bytes: number;
      readonly found: readonly Located[];
      readonly unread: string | null;
    }
  | { readonly kind: 'passed-over'; readonly what: string }
  | { readonly kind: 'unreadable'; readonly why: string }
  | { readonly kind: 'gone' };

/** A file to read. */
export interface ListedFile {
  /** As the system has it: a path need not be UTF-8. */
  readonly path: string | Uint8Array;
  /** Follows a symbolic link, since it was named. */
  readonly followsLink?: boolean;
  /** What git tracks may be gone from the worktree. */
  readonly mayBeGone?: boolean;
}

/** Reads files one after the other, through one block of memory. */
export class FileScanner {
  readonly #scanner: () => BlockScanner;
  readonly #block = Buffer.allocUnsafeSlow(BLOCK_BYTES);

  constructor(scanner: () => BlockScanner) {
    this.#scanner = scanner;
  }

  /** Scans a file as it is when it is opened: what is written to it later is left out, and where it is cut off, it ends. */
  scan({ path, followsLink = false, mayBeGone = false }: ListedFile): FileScan {
    let fd: number;
    try {
      fd = openSync(typeof path === 'string' ? path : Buffer.from(path), flagsFor(followsLink));
    } catch (fault) {
      const code = errno(fault);
      if (code === 'ELOOP' && !followsLink) return { kind: 'passed-over', what: 'a symbolic link' };
      if (code === 'ENOENT' && mayBeGone) return { kind: 'gone' };
      return { kind: 'unreadable', why: errnoText(fault) };
    }
    try {
      const status = fstatSync(fd);
      if (!status.isFile()) return { kind: 'passed-over', what: kindOf(status) };
      return { kind: 'file', ...this.#read(fd, status.size) };
    } finally {
      closeSync(fd);
    }
  }

  /** A size of 0 is also that of files which the kernel makes as they are read, such as those of /proc. */
  #read(fd: number, size: number): { bytes: number; found: readonly Located[]; unread: string | null } {
    const scanner = this.#scanner();
    const limit = size === 0 ? Number.POSITIVE_INFINITY : size;
    const found: Located[] = [];
    let bytes = 0;
    try {
      while (bytes < limit) {
        const wanted = Math.min(BLOCK_BYTES, limit - bytes);
        const read = readSync(fd, this.#block, 0, wanted, null);
        if (read === 0) break;
        bytes += read;
        found.push(...scanner.push(this.#block.subarray(0, read), bytes >= limit));
      }
    } catch (fault) {
      // What was found before the fault counts.
      return { bytes, found, unread: errnoText(fault) };
    }
    return { bytes, found, unread: null };
  }
}

function flagsFor(followsLink: boolean): number {
  // A named pipe would block, and a terminal become the controlling one.
  const flags = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY;
  return followsLink ? flags : flags | constants.O_NOFOLLOW;
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
