import { fstatSync, fsyncSync, readSync, type Stats, statSync, writeSync } from 'node:fs';
import { codeOf, errno } from '../files/errno.js';

const RETRY_MS = 5;

/**
 * Writes all bytes synchronously, or throws the system's error. Node.js streams may lose output silently when
 * the process ends early or the reader fails.
 */
export function writeFully(descriptor: number, bytes: Uint8Array): void {
  let offset = 0;
  while (offset < bytes.length) {
    try {
      offset += writeSync(descriptor, bytes, offset);
    } catch (fault) {
      if (errno(fault) !== 'EAGAIN') throw fault;
      pause();
    }
  }
}

/** As {@link writeFully}; syncs a file. */
export function writeDurably(descriptor: number, bytes: Uint8Array): void {
  writeFully(descriptor, bytes);
  if (fstatSync(descriptor).isFile()) fsyncSync(descriptor);
}

/** Whether the descriptor is a terminal. The `fstat` check first avoids loading `node:tty` in most starts. */
export function isTerminal(descriptor: number): boolean {
  try {
    const stream = fstatSync(descriptor);
    return stream.isCharacterDevice() && !isNullDevice(stream) && isatty(descriptor);
  } catch {
    return false;
  }
}

/** Whether the descriptor is a terminal that was closed (hung up). */
export function isClosedTerminal(descriptor: number): boolean {
  try {
    const stream = fstatSync(descriptor);
    return stream.isCharacterDevice() && !isNullDevice(stream) && !isatty(descriptor);
  } catch {
    return false;
  }
}

/** Loaded lazily. */
function isatty(descriptor: number): boolean {
  return process.getBuiltinModule('node:tty').isatty(descriptor);
}

function isNullDevice(stream: Stats): boolean {
  return process.platform !== 'win32' && stream.rdev === statSync('/dev/null').rdev;
}

/**
 * Whether writes are lost: the descriptor is closed, or it is the null device, which Node.js also substitutes
 * for a standard stream closed at the start.
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
 * Reads a descriptor to its end.
 *
 * @returns null when there are more than `limit` bytes
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

/**
 * Reads what there is, waiting for it where the descriptor does not block.
 *
 * @returns how many bytes; 0 at the end
 */
export function readChunk(descriptor: number, chunk: Buffer): number {
  for (;;) {
    try {
      return readSync(descriptor, chunk, 0, chunk.length, null);
    } catch (fault) {
      const code = codeOf(fault);
      if (code === 'EOF') return 0;
      if (code !== 'EAGAIN') throw fault;
      pause();
    }
  }
}

function pause(): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, RETRY_MS);
}
