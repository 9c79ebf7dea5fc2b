import type { RecordedUse } from '../../domain/serving-port.js';
import type { AccessToken, StoreTransaction } from '../../domain/store-port.js';
import { Batches } from './batches.js';
import { type OpenFile, StoreFile } from './store-file.js';

/** The changes that a server makes, each in a transaction of its own. */
export interface Writer {
  write<T>(work: (transaction: StoreTransaction) => Promise<T>): Promise<T>;
  /** @returns for each token whether it was kept */
  insertTokens(tokens: readonly AccessToken[]): Promise<readonly boolean[]>;
  recordUses(uses: readonly RecordedUse[]): Promise<void>;
  deleteToken(tokenId: string, credentialId: string): Promise<void>;
  purgeTokens(now: number): Promise<boolean>;
  /** Closes a file that was replaced, unless a change of it is under way; the next change opens what is there then. */
  letGo(): void;
  close(): Promise<void>;
}

interface WritableFile extends OpenFile {
  readonly batches: Batches;
}

/** Tokens dirty many pages; what a checkpoint writes back once, it need not write back for each group of them. */
const CHECKPOINT_PAGES = 4_000;

/** Of pages that a transaction may be about to change; what is in the operating system's cache is there soon. */
const CACHE_KIB = 8_192;

/** Writes on the thread that it is used on, which waits for the lock. */
export class FileWriter implements Writer {
  readonly #file: StoreFile<WritableFile>;

  /** @param isShared whether another thread of this process may have the file open */
  constructor(path: string, isShared: boolean) {
    this.#file = new StoreFile(
      path,
      (opened) => {
        opened.database.pragma(`wal_autocheckpoint = ${CHECKPOINT_PAGES}`);
        opened.database.pragma(`cache_size = -${CACHE_KIB}`);
        return { ...opened, batches: new Batches(opened.database) };
      },
      { isShared, letGo: () => {} },
    );
  }

  async write<T>(work: (transaction: StoreTransaction) => Promise<T>): Promise<T> {
    return this.#file.current().store.write(work);
  }

  insertTokens(tokens: readonly AccessToken[]): Promise<readonly boolean[]> {
    return this.#batch((batches) => batches.insertTokens(tokens));
  }

  recordUses(uses: readonly RecordedUse[]): Promise<void> {
    return this.#batch((batches) => batches.recordUses(uses));
  }

  deleteToken(tokenId: string, credentialId: string): Promise<void> {
    return this.#batch((batches) => batches.deleteToken(tokenId, credentialId));
  }

  purgeTokens(now: number): Promise<boolean> {
    return this.#batch((batches) => batches.purgeTokens(now));
  }

  letGo(): void {
    this.#file.letGo();
  }

  async close(): Promise<void> {
    this.#file.close();
  }

  async #batch<T>(work: (batches: Batches) => T): Promise<T> {
    const { store, batches } = this.#file.current();
    return store.write(async () => work(batches));
  }
}
