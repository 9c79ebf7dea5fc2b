import { ID_LENGTH } from '../../domain/secret/secret-format.js';

/** Characters of a fingerprint: the bytes of an HMAC-SHA-256. */
const FINGERPRINT_LENGTH = 32;

/** Characters of a stored hash that are kept: its last ones, which are of the digest in every scheme. */
const HASH_END = 16;

const EMPTY = 0;

/**
 * Cache of verified secrets with CLOCK eviction: for each version the fingerprint of its secret, and the end of the
 * stored hash that it was compared with. In typed arrays, 60 bytes and an index entry each, outside of the garbage
 * collector's heap. Measured by `npm run bench -- --only server`, memory row, limit 200 MiB: 162 MiB; with a Map of
 * objects here and in GatheredUses, 287 MiB.
 */
export class VerifiedSecretCache {
  readonly #capacity: number;
  readonly #ids: Uint8Array;
  readonly #fingerprints: Uint8Array;
  readonly #hashes: Uint8Array;
  /** Reference bits: 1 for what was used since the clock hand passed. */
  readonly #wanted: Uint8Array;
  /** Open addressing with linear probing: a slot's number plus one. */
  readonly #index: Uint32Array;
  readonly #mask: number;
  readonly #freed: number[] = [];
  #filled = 0;
  #hand = 0;

  /** @param capacity secrets that are kept at most */
  constructor(capacity: number) {
    this.#capacity = capacity;
    this.#ids = new Uint8Array(capacity * ID_LENGTH);
    this.#fingerprints = new Uint8Array(capacity * FINGERPRINT_LENGTH);
    this.#hashes = new Uint8Array(capacity * HASH_END);
    this.#wanted = new Uint8Array(capacity);
    const places = 2 ** Math.ceil(Math.log2(capacity * 2));
    this.#index = new Uint32Array(places);
    this.#mask = places - 1;
  }

  /** The slot of a version, valid until the next `remember` or `forget`; null where it is not cached. */
  slotOf(versionId: string): number | null {
    const place = this.#place(versionId);
    return place === -1 ? null : this.#slotAt(place);
  }

  /** Whether this is the fingerprint in a slot, in constant time for every fingerprint. */
  isFingerprintIn(slot: number, fingerprint: string): boolean {
    let difference = fingerprint.length ^ FINGERPRINT_LENGTH;
    for (let at = 0; at < FINGERPRINT_LENGTH; at += 1) {
      difference |= (this.#fingerprints[slot * FINGERPRINT_LENGTH + at] ?? 0) ^ fingerprint.charCodeAt(at);
    }
    if (difference !== 0) return false;
    this.#wanted[slot] = 1;
    return true;
  }

  /** Whether what is in a slot was compared with this stored hash: another one is of another secret. */
  isOfHash(slot: number, hash: string): boolean {
    const start = hash.length - HASH_END;
    for (let at = 0; at < HASH_END; at += 1) {
      if (this.#hashes[slot * HASH_END + at] !== hash.charCodeAt(start + at)) return false;
    }
    return true;
  }

  /**
   * @param fingerprint 32 characters below 256
   * @param hash that the secret was compared with, as it is stored
   */
  remember(versionId: string, fingerprint: string, hash: string): void {
    if (versionId.length !== ID_LENGTH || fingerprint.length !== FINGERPRINT_LENGTH)
      throw new RangeError('not a secret');
    const place = this.#place(versionId);
    const slot = place === -1 ? this.#newSlot() : this.#slotAt(place);
    write(this.#fingerprints, slot * FINGERPRINT_LENGTH, fingerprint);
    write(this.#hashes, slot * HASH_END, hash.slice(-HASH_END));
    if (place !== -1) return;
    write(this.#ids, slot * ID_LENGTH, versionId);
    let free = this.#hashAt(slot) & this.#mask;
    while (this.#index[free] !== EMPTY) free = (free + 1) & this.#mask;
    this.#index[free] = slot + 1;
  }

  forget(versionId: string): void {
    const place = this.#place(versionId);
    if (place !== -1) this.#freed.push(this.#release(place));
  }

  #newSlot(): number {
    const freed = this.#freed.pop();
    if (freed !== undefined) return freed;
    if (this.#filled < this.#capacity) {
      this.#filled += 1;
      return this.#filled - 1;
    }
    for (; this.#wanted[this.#hand] === 1; this.#turn()) this.#wanted[this.#hand] = 0;
    const slot = this.#hand;
    this.#turn();
    let place = this.#hashAt(slot) & this.#mask;
    while (this.#slotAt(place) !== slot) place = (place + 1) & this.#mask;
    return this.#release(place);
  }

  #turn(): void {
    this.#hand = (this.#hand + 1) % this.#capacity;
  }

  /** Takes a slot out of the index, and closes the gap that others were probed across. */
  #release(place: number): number {
    const slot = this.#slotAt(place);
    this.#fingerprints.fill(0, slot * FINGERPRINT_LENGTH, (slot + 1) * FINGERPRINT_LENGTH);
    this.#wanted[slot] = 0;
    let gap = place;
    for (let at = (place + 1) & this.#mask; this.#index[at] !== EMPTY; at = (at + 1) & this.#mask) {
      const home = this.#hashAt(this.#slotAt(at)) & this.#mask;
      if (((at - home) & this.#mask) < ((at - gap) & this.#mask)) continue;
      this.#index[gap] = this.#index[at] ?? EMPTY;
      gap = at;
    }
    this.#index[gap] = EMPTY;
    return slot;
  }

  /** Where in the index a version is; -1 when it is not there. */
  #place(versionId: string): number {
    if (versionId.length !== ID_LENGTH) return -1;
    let hash = SEED;
    for (let at = 0; at < ID_LENGTH; at += 1) hash = step(hash, versionId.charCodeAt(at));
    for (let place = hash & this.#mask; this.#index[place] !== EMPTY; place = (place + 1) & this.#mask) {
      if (this.#isAt(this.#slotAt(place), versionId)) return place;
    }
    return -1;
  }

  #isAt(slot: number, versionId: string): boolean {
    for (let at = 0; at < ID_LENGTH; at += 1) {
      if (this.#ids[slot * ID_LENGTH + at] !== versionId.charCodeAt(at)) return false;
    }
    return true;
  }

  #slotAt(place: number): number {
    return (this.#index[place] ?? EMPTY) - 1;
  }

  #hashAt(slot: number): number {
    let hash = SEED;
    for (let at = 0; at < ID_LENGTH; at += 1) hash = step(hash, this.#ids[slot * ID_LENGTH + at] ?? 0);
    return hash;
  }
}

/** FNV-1a: callers cannot choose the ids of verified secrets, so collisions cannot be provoked. */
const SEED = 0x811c9dc5;

function step(hash: number, code: number): number {
  const next = Math.imul(hash ^ code, 0x01000193);
  return next ^ (next >>> 15);
}

function write(bytes: Uint8Array, start: number, text: string): void {
  for (let at = 0; at < text.length; at += 1) bytes[start + at] = text.charCodeAt(at);
}
