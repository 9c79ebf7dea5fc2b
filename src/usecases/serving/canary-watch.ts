import { credentialStatus } from '../../domain/credential/credential.js';
import { canaryPlace, type FoundLeak } from '../../domain/leak/leak.js';
import type { Clock } from '../../domain/ports/ports.js';
import type { ServingStore } from '../../domain/ports/serving-port.js';
import type { StoreTransaction } from '../../domain/ports/store-port.js';
import { parseAnyHandle } from '../../domain/secret/handle.js';

/** The right secret of a canary was presented: it has leaked. */
export interface CanaryPresented {
  /** The public part of the secret. */
  readonly handle: string;
  /** The canary's name; null while the store cannot be read. */
  readonly credential: string | null;
  /** The client's address; null where it is not known. */
  readonly address: string | null;
  /** The last time, in epoch milliseconds. */
  readonly at: number;
  /** How often, since it was last told of. */
  readonly times: number;
}

/** Pairs of canary and address kept until they are written; those of further addresses are kept without theirs. */
const MOST_NOTED = 1_000;

interface Noted {
  readonly handle: string;
  readonly address: string | null;
  at: number;
  times: number;
  isTold: boolean;
}

/**
 * Write-behind buffer of presented canaries. Timing side channel: written behind the answer, whose time would tell a
 * canary from an unknown secret. What was presented several times from one address between two flushes is one place of the leak.
 */
export class CanaryWatch {
  readonly #store: ServingStore;
  readonly #clock: Clock;
  readonly #tell: (presented: CanaryPresented) => void;
  #noted = new Map<string, Noted>();
  #flush: Promise<void> | null = null;

  /** @param tell called once for each pair of canary and address of a flush, also where that fails */
  constructor(store: ServingStore, clock: Clock, tell: (presented: CanaryPresented) => void = () => {}) {
    this.#store = store;
    this.#clock = clock;
    this.#tell = tell;
  }

  /** @param address of the client; null where it is not known */
  note(handle: string, address: string | null): void {
    const isFull = this.#noted.size >= MOST_NOTED && !this.#noted.has(keyOf(handle, address));
    this.#add({
      handle,
      address: isFull ? null : address,
      at: this.#clock.now(),
      times: 1,
      isTold: false,
    });
  }

  /** Records what was presented; keeps it for the next flush on a failure. Throws as the store does. */
  async flush(): Promise<void> {
    while (this.#flush !== null) await this.#flush.catch(() => {});
    if (this.#noted.size === 0) return;
    this.#flush = this.#write().finally(() => {
      this.#flush = null;
    });
    await this.#flush;
  }

  async #write(): Promise<void> {
    const noted = [...this.#noted.values()];
    this.#noted = new Map();
    try {
      const names = await this.#store.write((tx) => this.#record(tx, noted));
      for (const each of noted) {
        const name = names.get(each.handle);
        if (name !== undefined) this.#tellOnce(each, name);
      }
    } catch (fault) {
      for (const each of noted) {
        this.#tellOnce(each, null);
        this.#add(each);
      }
      throw fault;
    }
  }

  /**
   * A canary that was stopped, or has expired, gives no alarm any more; an older version of one does.
   *
   * @returns names of the canaries, by handle
   */
  async #record(tx: StoreTransaction, noted: readonly Noted[]): Promise<ReadonlyMap<string, string>> {
    const now = this.#clock.now();
    const names = new Map<string, string>();
    const found: FoundLeak[] = [];
    for (const { handle, address, at } of noted) {
      const parsed = parseAnyHandle(handle);
      const presented = parsed === null ? null : await tx.findPresentedVersion(parsed.id);
      if (parsed === null || presented === null) continue;
      const { credential, version } = presented;
      if (credentialStatus(credential, now) !== 'canary') continue;
      names.set(handle, credential.name);
      found.push({
        handle,
        kind: parsed.kind,
        credentialId: credential.id,
        version: version.number,
        source: 'canary',
        place: canaryPlace(address, at),
      });
    }
    await tx.recordLeaks(found, now);
    return names;
  }

  #tellOnce(noted: Noted, credential: string | null): void {
    if (noted.isTold) return;
    noted.isTold = true;
    const { handle, address, at, times } = noted;
    this.#tell({ handle, credential, address, at, times });
  }

  #add(noted: Noted): void {
    const key = keyOf(noted.handle, noted.address);
    const before = this.#noted.get(key);
    if (before === undefined) {
      this.#noted.set(key, { ...noted });
      return;
    }
    before.at = Math.max(before.at, noted.at);
    before.times += noted.times;
    before.isTold &&= noted.isTold;
  }
}

function keyOf(handle: string, address: string | null): string {
  return `${handle} ${address ?? ''}`;
}
