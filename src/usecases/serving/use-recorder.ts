import type { RecordedUse, ServingStore } from '../../domain/serving-port.js';
import type { Dependencies } from '../dependencies.js';
import { stampEnded } from '../stamp.js';

type RecorderDependencies = { readonly store: ServingStore } & Pick<
  Dependencies,
  'clock' | 'processes' | 'author'
>;

/** Written in one transaction at most, so that tokens do not have to wait long for theirs. */
const PORTION = 1_000;

/** Gathers when versions are used, and has it written in portions. */
export class UseRecorder {
  readonly #deps: RecorderDependencies;
  #uses = new Map<string, { first: number; last: number }>();
  #flush: Promise<void> | null = null;

  constructor(deps: RecorderDependencies) {
    this.#deps = deps;
  }

  /** @param now epoch milliseconds */
  note(versionId: string, now: number): void {
    const use = this.#uses.get(versionId);
    if (use === undefined) this.#uses.set(versionId, { first: now, last: now });
    else if (now > use.last) use.last = now;
  }

  /** Versions whose uses have not been written yet. */
  pending(): number {
    return this.#uses.size;
  }

  /** Writes what was gathered; keeps it for the next time when that fails. Throws as the store does. */
  async flush(): Promise<void> {
    if (this.#flush !== null) await this.#flush.catch(() => {});
    if (this.#uses.size === 0) return;
    this.#flush = this.#write().finally(() => {
      this.#flush = null;
    });
    await this.#flush;
  }

  async #write(): Promise<void> {
    const { store, clock } = this.#deps;
    const uses = this.#uses;
    this.#uses = new Map();
    let portion: RecordedUse[] = [];
    try {
      for (const [versionId, use] of uses) {
        portion.push({ versionId, ...use });
        if (portion.length < PORTION && portion.length < uses.size) continue;
        await store.recordUses(portion);
        for (const written of portion) uses.delete(written.versionId);
        portion = [];
      }
    } catch (fault) {
      for (const [versionId, { first, last }] of uses) {
        const later = this.#uses.get(versionId);
        this.#uses.set(versionId, { first, last: Math.max(last, later?.last ?? 0) });
      }
      throw fault;
    }
    await store.write((tx) => stampEnded(this.#deps, tx, clock.now()));
  }
}
