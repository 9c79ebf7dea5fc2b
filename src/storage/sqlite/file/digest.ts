import { closeSync, constants, fstatSync, fsyncSync, openSync, readSync, writeFileSync } from 'node:fs';
import { crypto } from '../../../files/crypto.js';

/**
 * A copy of a store ends in the SHA-256 of all bytes before. SQLite goes by the number of pages in its header and takes
 * no notice of what follows them, so that the copy can be read like any other database; a copy of the copy is without.
 */
const LABEL = '\ncredctl-backup sha256 ';
const SEAL_BYTES = LABEL.length + 64 + 1;

const CHUNK_BYTES = 1_048_576;

/** What the end of a file says of the rest. */
export type SealState = 'intact' | 'broken' | 'none';

/** Ends a finished copy in its digest, and brings it to the disk. */
export function sealFile(path: string): void {
  const descriptor = openSync(path, constants.O_RDWR | constants.O_APPEND | constants.O_NOFOLLOW);
  try {
    const digest = digestOf(descriptor, fstatSync(descriptor).size);
    writeFileSync(descriptor, `${LABEL}${digest}\n`);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** Compares a copy with its digest: that tells of damage, not of somebody who writes another digest as well. */
export function sealOf(path: string): SealState {
  const descriptor = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW);
  try {
    const length = Math.max(0, fstatSync(descriptor).size - SEAL_BYTES);
    const end = Buffer.alloc(SEAL_BYTES);
    const seal = end.toString('latin1', 0, readSync(descriptor, end, 0, SEAL_BYTES, length));
    if (!seal.startsWith(LABEL)) return 'none';
    return seal === `${LABEL}${digestOf(descriptor, length)}\n` ? 'intact' : 'broken';
  } finally {
    closeSync(descriptor);
  }
}

function digestOf(descriptor: number, length: number): string {
  const hash = crypto().createHash('sha256');
  const chunk = Buffer.alloc(CHUNK_BYTES);
  for (let at = 0; at < length; ) {
    const read = readSync(descriptor, chunk, 0, Math.min(CHUNK_BYTES, length - at), at);
    if (read === 0) break;
    hash.update(chunk.subarray(0, read));
    at += read;
  }
  return hash.digest('hex');
}
