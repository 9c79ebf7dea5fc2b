import { BoundedMap } from './bounded-map.js';

/** Characters of a fingerprint: one per byte of an HMAC-SHA-256. */
const FINGERPRINT_LENGTH = 32;

/** Characters kept of a stored hash: its end, which in every scheme belongs to the digest. */
const HASH_END = 16;

/** A secret that was verified. */
export interface VerifiedSecret {
  readonly fingerprint: string;
  /** The end of the stored hash that the secret was compared with. */
  readonly hashEnd: string;
}

/** LRU cache of verified secrets per version, as HMAC fingerprints. */
export class VerifiedSecretCache {
  readonly #secrets: BoundedMap<VerifiedSecret>;

  /** @param capacity maximum number of secrets */
  constructor(capacity: number) {
    this.#secrets = new BoundedMap(capacity);
  }

  get(versionId: string): VerifiedSecret | null {
    return this.#secrets.get(versionId) ?? null;
  }

  /**
   * @param fingerprint 32 characters with code units below 256
   * @param hash the stored hash that the secret was compared with
   */
  remember(versionId: string, fingerprint: string, hash: string): void {
    if (fingerprint.length !== FINGERPRINT_LENGTH) throw new RangeError('not a fingerprint');
    this.#secrets.set(versionId, { fingerprint, hashEnd: hash.slice(-HASH_END) });
  }

  forget(versionId: string): void {
    this.#secrets.delete(versionId);
  }
}

/** Constant-time comparison of a fingerprint. */
export function hasFingerprint(secret: VerifiedSecret, fingerprint: string): boolean {
  let difference = fingerprint.length ^ FINGERPRINT_LENGTH;
  for (let at = 0; at < FINGERPRINT_LENGTH; at += 1) {
    difference |= secret.fingerprint.charCodeAt(at) ^ fingerprint.charCodeAt(at);
  }
  return difference === 0;
}

/** Whether the secret was compared with this stored hash; a different hash belongs to a different secret. */
export function isOfHash(secret: VerifiedSecret, hash: string): boolean {
  return hash.endsWith(secret.hashEnd);
}
