import type { RecordedUse } from '../../domain/ports/serving-port.js';
import { ID_LENGTH } from '../../domain/secret/secret-format.js';

/** Versions that there is room for at first; it doubles when there are more. */
const ROOM_AT_FIRST = 1_024;

/** Uses of so many versions keep their room for the next ones; that of more is given back. */
const MOST_ROOM_KEPT = 131_072;

const EMPTY = 0;

/**
 * First and last use of each version since the last `clear`, in the order of their first note: an open-addressing hash
 * table in typed arrays, 28 bytes and an index entry each, outside of the garbage collector's heap. Its figure is that
 * of VerifiedSecretCache.
 */
export class GatheredUses {
  #ids = new Uint8Array(0);
  #firsts = new Float64Array(0);
  #lasts = new Float64Array(0);
  #froms: (string | null)[] = [];
  /** Open addressing with linear probing: a slot's number plus one. */
  #index = new Uint32Array(0);
  #size = 0;

  /** Versions of which there is a use. */
  get size(): number {
    return this.#size;
  }

  /**
   * Takes note of uses of a version: only the first and the last of all count.
   *
   * @param first epoch milliseconds, as is `last`
   * @param from the address of the client that used it last; null where it is not known
   * @throws RangeError when that is no id of a version
   */
  note(versionId: string, first: number, last: number, from: string | null): void {
    if (versionId.length !== ID_LENGTH) throw new RangeError('not the id of a version');
    if (this.#size === this.#firsts.length) this.#grow();
    const place = this.#placeOf(versionId);
    const found = (this.#index[place] ?? EMPTY) - 1;
    if (found === -1) {
      const slot = this.#size;
      for (let at = 0; at < ID_LENGTH; at += 1) this.#ids[slot * ID_LENGTH + at] = versionId.charCodeAt(at);
      this.#firsts[slot] = first;
      this.#lasts[slot] = last;
      this.#froms[slot] = from;
      this.#size += 1;
      this.#index[place] = this.#size;
      return;
    }
    if (first < (this.#firsts[found] ?? first)) this.#firsts[found] = first;
    if (last < (this.#lasts[found] ?? last)) return;
    this.#lasts[found] = last;
    this.#froms[found] = from;
  }

  /** Those of the versions from one slot, counted from 0, up to another one. */
  between(from: number, to: number): readonly RecordedUse[] {
    return Array.from({ length: Math.max(0, Math.min(to, this.#size) - from) }, (_, n) => ({
      versionId: String.fromCharCode(...this.#idAt(from + n)),
      first: this.#firsts[from + n] ?? 0,
      last: this.#lasts[from + n] ?? 0,
      from: this.#froms[from + n] ?? null,
    }));
  }

  clear(): void {
    this.#size = 0;
    this.#froms = [];
    if (this.#firsts.length > MOST_ROOM_KEPT) this.#make(0);
    else this.#index.fill(EMPTY);
  }

  #grow(): void {
    const [ids, firsts, lasts] = [this.#ids, this.#firsts, this.#lasts];
    this.#make(Math.max(ROOM_AT_FIRST, 2 * this.#size));
    this.#ids.set(ids);
    this.#firsts.set(firsts);
    this.#lasts.set(lasts);
    for (let slot = 0; slot < this.#size; slot += 1) {
      this.#index[this.#placeOf(String.fromCharCode(...this.#idAt(slot)))] = slot + 1;
    }
  }

  /** @param room a power of two, or 0 */
  #make(room: number): void {
    this.#ids = new Uint8Array(room * ID_LENGTH);
    this.#firsts = new Float64Array(room);
    this.#lasts = new Float64Array(room);
    this.#index = new Uint32Array(room * 2);
  }

  /** Where in the index a version is, or would be. At most half of the places are taken, so that there is one. */
  #placeOf(versionId: string): number {
    const mask = this.#index.length - 1;
    let place = hashOf(versionId) & mask;
    for (; ; place = (place + 1) & mask) {
      const slot = (this.#index[place] ?? EMPTY) - 1;
      if (slot === -1 || this.#isAt(slot, versionId)) return place;
    }
  }

  #isAt(slot: number, versionId: string): boolean {
    for (let at = 0; at < ID_LENGTH; at += 1) {
      if (this.#ids[slot * ID_LENGTH + at] !== versionId.charCodeAt(at)) return false;
    }
    return true;
  }

  #idAt(slot: number): Uint8Array {
    return this.#ids.subarray(slot * ID_LENGTH, (slot + 1) * ID_LENGTH);
  }
}

/** FNV-1a: only ids of existing versions get here, so collisions cannot be provoked. */
function hashOf(versionId: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < ID_LENGTH; at += 1) {
    const next = Math.imul(hash ^ versionId.charCodeAt(at), 0x01000193);
    hash = next ^ (next >>> 15);
  }
  return hash;
}
