import { closeSync, constants, fstatSync, fsyncSync, openSync, readSync, writeFileSync } from 'node:fs';
import { crypto } from '../../../files/crypto.js';

/**
 * The trailer of a backup: the SHA-256 of all bytes before it. SQLite reads only the pages counted in the header,
 * so the file remains a valid database; copying it by SQLite drops the trailer.
 */
const LABEL = '\ncredctl-backup sha256 ';
const SEAL_BYTES = LABEL.length + 64 + 1;

const CHUNK_BYTES = 1_048_576;

/** Whether a file's digest matches its content; `none` without a trailer. */
export type SealState = 'intact' | 'broken' | 'none';

/** Appends the digest to a finished copy and syncs it (fsync). */
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

/** Compares a copy with its digest. It detects damage, not tampering: the digest is not keyed. */
export function sealOf(path: string): SealState {
  const descriptor = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW);
  try {
    return sealThrough(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** As {@link sealOf}, through a descriptor that stays open. */
export function sealThrough(descriptor: number): SealState {
  const length = Math.max(0, fstatSync(descriptor).size - SEAL_BYTES);
  const end = Buffer.alloc(SEAL_BYTES);
  const seal = end.toString('latin1', 0, readSync(descriptor, end, 0, SEAL_BYTES, length));
  if (!seal.startsWith(LABEL)) return 'none';
  return seal === `${LABEL}${digestOf(descriptor, length)}\n` ? 'intact' : 'broken';
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
