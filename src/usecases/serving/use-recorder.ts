import type { ServingStore } from '../../domain/ports/serving-port.js';
import { expireVersions } from '../delivery/expire-versions.js';
import type { Dependencies } from '../dependencies.js';
import { GatheredUses } from './gathered-uses.js';

type RecorderDependencies = { readonly store: ServingStore } & Pick<
  Dependencies,
  'clock' | 'processes' | 'author'
>;

/** Maximum rows per transaction, so that token inserts do not wait long for the write lock. */
const PORTION = 1_000;

/** Write-behind buffer of uses, flushed in batches. */
export class UseRecorder {
  readonly #deps: RecorderDependencies;
  #uses = new GatheredUses();
  /** Second buffer, for uses that arrive during a flush: the two swap, so that their arrays are allocated once. */
  #spare = new GatheredUses();
  #flush: Promise<void> | null = null;

  constructor(deps: RecorderDependencies) {
    this.#deps = deps;
  }

  /**
   * @param now epoch milliseconds
   * @param from the address of the client; null where it is not known
   */
  note(versionId: string, now: number, from: string | null): void {
    this.#uses.note(versionId, now, now, from);
  }

  /** Versions with unwritten uses. */
  pending(): number {
    return this.#uses.size;
  }

  /** Writes the buffered uses; keeps them for the next flush on a failure. Throws as the store does. */
  async flush(): Promise<void> {
    while (this.#flush !== null) await this.#flush.catch(() => {});
    if (this.#uses.size === 0) return;
    this.#flush = this.#write().finally(() => {
      this.#flush = null;
    });
    await this.#flush;
  }

  async #write(): Promise<void> {
    const { store, clock } = this.#deps;
    const uses = this.#uses;
    this.#uses = this.#spare;
    this.#spare = uses;
    let written = 0;
    try {
      for (; written < uses.size; written += PORTION) {
        await store.recordUses(uses.between(written, written + PORTION));
      }
    } finally {
      for (; written < uses.size; written += PORTION) {
        for (const { versionId, first, last, from } of uses.between(written, written + PORTION)) {
          this.#uses.note(versionId, first, last, from);
        }
      }
      uses.clear();
    }
    await store.write((tx) => expireVersions(this.#deps, tx, clock.now()));
  }
}
