import {
  close,
  closeSync,
  constants,
  fstatSync,
  ftruncateSync,
  openSync,
  readSync,
  type Stats,
  write as writeTo,
} from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { promisify } from 'node:util';
import { CredctlError } from '../domain/errors.js';
import { quote, shellWord } from '../domain/text/quote.js';
import { effectiveUser } from '../files/account.js';
import { codeOf, errno } from '../files/errno.js';
import { hasIdentity } from '../files/identity.js';
import { fileFault } from './destinations/file-fault.js';

const writeOnce = promisify(writeTo);

const RETRY_MS = 20;

const LINE_FEED = 10;

/** Where lines go to, for as long as a process follows something. */
export interface LineOutput {
  /**
   * Writes a line with its end, without blocking the process while the reader is slow.
   *
   * @throws the operating system's error for standard output; CredctlError `undelivered` for a file
   */
  write(line: string): Promise<void>;
  close(): void;
}

/** Standard output as lines. */
export function standardLines(): LineOutput {
  return { write: (line) => writeAll(1, Buffer.from(line)), close() {} };
}

/**
 * A file that lines are appended to. It is created where it is missing, with mode 0600, and anew when another process has
 * renamed or removed it; one that was truncated goes on from its start. A line begins on a line of its own, whatever the
 * file ends with.
 *
 * @param path absolute
 * @throws CredctlError `undelivered` when it cannot be opened
 */
export function appendedLines(path: string): LineOutput {
  let descriptor = openForAppending(path);
  const current = (): number => {
    if (hasIdentity(path, fstatSync(descriptor))) return descriptor;
    const next = openForAppending(path);
    closeSync(descriptor);
    descriptor = next;
    return descriptor;
  };
  return {
    async write(line) {
      const target = current();
      const { size } = fstatSync(target);
      try {
        await writeAll(target, Buffer.from(endsInLine(path, size) ? line : `\n${line}`));
      } catch (fault) {
        cutBack(target, size);
        throw fileFault(path, fault, HINT);
      }
    },
    close: () => close(descriptor),
  };
}

const HINT =
  'the store still has the events: continue with --after and the number of the last line in the file';

function openForAppending(path: string): number {
  let descriptor: number;
  try {
    descriptor = openSync(path, FLAGS, 0o600);
  } catch (fault) {
    if (codeOf(fault) === 'ELOOP') throw refused(path, 'is a symbolic link', 'name the file itself');
    if (codeOf(fault) === 'ENXIO') throw notRegular(path);
    throw fileFault(path, fault, HINT);
  }
  try {
    requireOwnFile(path, fstatSync(descriptor));
    return descriptor;
  } catch (fault) {
    closeSync(descriptor);
    throw fault;
  }
}

/** Non-blocking, as opening a FIFO would wait for its reader. */
const FLAGS =
  constants.O_WRONLY |
  constants.O_APPEND |
  constants.O_CREAT |
  (constants.O_NOFOLLOW ?? 0) |
  (constants.O_NONBLOCK ?? 0);

/** In a directory that others can change, they could lead a process of root to another's file. */
function requireOwnFile(path: string, found: Stats): void {
  if (!found.isFile()) throw notRegular(path);
  const user = effectiveUser();
  if (process.platform === 'win32' || found.uid === user) return;
  throw refused(
    path,
    `belongs to user ${found.uid}, not to you`,
    `configure the log rotation to create the file for your user, or run: chown ${user} ${shellWord(path)}`,
  );
}

function notRegular(path: string): CredctlError {
  return refused(path, 'is not a regular file', 'leave out --output, and redirect standard output');
}

function refused(path: string, what: string, hint: string): CredctlError {
  return new CredctlError('undelivered', `${quote(path)} ${what}`, { hint });
}

/** Whether the last line in a file is whole: a power cut, or another program's truncation, leaves a part of one. */
function endsInLine(path: string, size: number): boolean {
  if (size === 0) return true;
  let descriptor: number | null = null;
  try {
    descriptor = openSync(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0));
    const last = Buffer.alloc(1);
    return readSync(descriptor, last, 0, 1, size - 1) === 0 || last[0] === LINE_FEED;
  } catch {
    // Where it may not be read, nothing can be told.
    return true;
  } finally {
    if (descriptor !== null) closeSync(descriptor);
  }
}

/** Takes away what a disk that became full has of a line. Best effort: the file may have been truncated since. */
function cutBack(descriptor: number, size: number): void {
  try {
    if (fstatSync(descriptor).size > size) ftruncateSync(descriptor, size);
  } catch {}
}

async function writeAll(descriptor: number, bytes: Buffer): Promise<void> {
  let offset = 0;
  while (offset < bytes.length) {
    try {
      offset += (await writeOnce(descriptor, bytes, offset)).bytesWritten;
    } catch (fault) {
      if (errno(fault) !== 'EAGAIN') throw fault;
      await setTimeout(RETRY_MS);
    }
  }
}
