import { BoundedMap } from './bounded-map.js';

/** Characters of a fingerprint: the bytes of an HMAC-SHA-256. */
const FINGERPRINT_LENGTH = 32;

/** Characters of a stored hash that are kept: its last ones, which are of the digest in every scheme. */
const HASH_END = 16;

/** A secret that was found good. */
export interface VerifiedSecret {
  readonly fingerprint: string;
  /** The end of the stored hash that it was compared with. */
  readonly hashEnd: string;
}

/** The secret of each version that was found good lately, as its fingerprint. */
export class VerifiedSecretCache {
  readonly #secrets: BoundedMap<VerifiedSecret>;

  /** @param capacity secrets that are kept at most */
  constructor(capacity: number) {
    this.#secrets = new BoundedMap(capacity);
  }

  get(versionId: string): VerifiedSecret | null {
    return this.#secrets.get(versionId) ?? null;
  }

  /**
   * @param fingerprint 32 characters below 256
   * @param hash that the secret was compared with, as it is stored
   */
  remember(versionId: string, fingerprint: string, hash: string): void {
    if (fingerprint.length !== FINGERPRINT_LENGTH) throw new RangeError('not a fingerprint');
    this.#secrets.set(versionId, { fingerprint, hashEnd: hash.slice(-HASH_END) });
  }

  forget(versionId: string): void {
    this.#secrets.delete(versionId);
  }
}

/** Whether a secret has this fingerprint, in constant time for every fingerprint. */
export function hasFingerprint(secret: VerifiedSecret, fingerprint: string): boolean {
  let difference = fingerprint.length ^ FINGERPRINT_LENGTH;
  for (let at = 0; at < FINGERPRINT_LENGTH; at += 1) {
    difference |= secret.fingerprint.charCodeAt(at) ^ fingerprint.charCodeAt(at);
  }
  return difference === 0;
}

/** Whether a secret was compared with this stored hash: another one is of another secret. */
export function isOfHash(secret: VerifiedSecret, hash: string): boolean {
  return hash.endsWith(secret.hashEnd);
}
