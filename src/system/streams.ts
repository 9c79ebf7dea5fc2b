import { fstatSync, fsyncSync, readSync, type Stats, statSync, writeSync } from 'node:fs';
import { faultCode } from './fault-code.js';

const RETRY_MS = 5;

/**
 * Writes all of `bytes` before it returns, or throws the system's error. Node's own streams lose output silently
 * when the process ends early or the other side fails.
 */
export function writeFully(descriptor: number, bytes: Uint8Array): void {
  let offset = 0;
  while (offset < bytes.length) {
    try {
      offset += writeSync(descriptor, bytes, offset);
    } catch (fault) {
      if (faultCode(fault) !== 'EAGAIN') throw fault;
      pause();
    }
  }
}

/** Like {@link writeFully}, and what went to a file is on the disk. */
export function writeDurably(descriptor: number, bytes: Uint8Array): void {
  writeFully(descriptor, bytes);
  if (fstatSync(descriptor).isFile()) fsyncSync(descriptor);
}

/** Whether a person sits at the other end. Asking the file system first spares most starts the loading of streams. */
export function isTerminal(descriptor: number): boolean {
  try {
    const stream = fstatSync(descriptor);
    return stream.isCharacterDevice() && !isNullDevice(stream) && isatty(descriptor);
  } catch {
    return false;
  }
}

/** Whether it is a terminal of which nobody sees anything any more. */
export function isClosedTerminal(descriptor: number): boolean {
  try {
    const stream = fstatSync(descriptor);
    return stream.isCharacterDevice() && !isNullDevice(stream) && !isatty(descriptor);
  } catch {
    return false;
  }
}

/** Loaded only for what may be a terminal. */
function isatty(descriptor: number): boolean {
  return process.getBuiltinModule('node:tty').isatty(descriptor);
}

function isNullDevice(stream: Stats): boolean {
  return process.platform !== 'win32' && stream.rdev === statSync('/dev/null').rdev;
}

/**
 * Whether what is written to the descriptor is lost: it is closed, or it is the null device, which is also what
 * Node puts in place of a standard stream that was closed when it started.
 */
export function isDiscarded(descriptor: number): boolean {
  try {
    const stream = fstatSync(descriptor);
    return stream.isCharacterDevice() && isNullDevice(stream);
  } catch {
    return true;
  }
}

/**
 * Everything that can be read from a descriptor, up to `limit` bytes.
 *
 * @returns null when there is more than that
 */
export function readFully(descriptor: number, limit: number): Buffer | null {
  const chunks: Buffer[] = [];
  let total = 0;
  for (;;) {
    const chunk = Buffer.alloc(65_536);
    const length = readChunk(descriptor, chunk);
    if (length === 0) return Buffer.concat(chunks);
    total += length;
    if (total > limit) return null;
    chunks.push(chunk.subarray(0, length));
  }
}

function readChunk(descriptor: number, chunk: Buffer): number {
  for (;;) {
    try {
      return readSync(descriptor, chunk, 0, chunk.length, null);
    } catch (fault) {
      const code = faultCode(fault);
      if (code === 'EOF') return 0;
      if (code !== 'EAGAIN') throw fault;
      pause();
    }
  }
}

function pause(): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, RETRY_MS);
}
