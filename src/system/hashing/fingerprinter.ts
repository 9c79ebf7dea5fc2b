import { hash, randomBytes } from 'node:crypto';
import type { Fingerprinter } from '../../domain/ports/ports.js';

/** SHA-256 (FIPS 180-4): length of a block and of a digest, in bytes. */
const BLOCK = 64;
const DIGEST = 32;

/** Maximum length of text that is hashed in a preallocated buffer; no secret is longer. */
const USUAL_LENGTH = 128;

/** Maximum number of UTF-8 bytes per UTF-16 code unit. */
const MOST_BYTES = 3;

/** Fingerprints texts with HMAC-SHA-256 (RFC 2104) under a random per-process key. */
export function fingerprinter(): Fingerprinter {
  return fingerprinterWith(randomBytes(DIGEST));
}

/**
 * As {@link fingerprinter}, under a key of at most 64 bytes. Two one-shot digests take half the time of
 * `createHmac`, which allocates an object per text.
 */
export function fingerprinterWith(key: Uint8Array): Fingerprinter {
  // Bound once: the import of a builtin module is a stand-in until its first use.
  const digest = hash;
  const inner = padded(key, 0x36, USUAL_LENGTH * MOST_BYTES);
  const outer = padded(key, 0x5c, DIGEST);
  return {
    fingerprint(text) {
      const message = text.length <= USUAL_LENGTH ? inner : padded(key, 0x36, text.length * MOST_BYTES);
      const length = message.write(text, BLOCK);
      outer.write(digest('sha256', message.subarray(0, BLOCK + length), 'binary'), BLOCK, 'latin1');
      return digest('sha256', outer, 'binary');
    },
  };
}

/** The key block XORed with `pad`, followed by `room` bytes. */
function padded(key: Uint8Array, pad: number, room: number): Buffer {
  const bytes = Buffer.alloc(BLOCK + room);
  for (let at = 0; at < BLOCK; at += 1) bytes[at] = (key[at] ?? 0) ^ pad;
  return bytes;
}
