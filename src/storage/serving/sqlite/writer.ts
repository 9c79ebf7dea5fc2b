import type { RecordedUse } from '../../../domain/ports/serving-port.js';
import type { AccessToken, StoreTransaction } from '../../../domain/ports/store-port.js';
import { GroupCommit } from '../group-commit.js';
import { type OpenFile, StoreFile } from './followed-file.js';
import { Batches } from './statements.js';

/** The writes of a server, each in its own transaction. */
export interface Writer {
  write<T>(work: (transaction: StoreTransaction) => Promise<T>): Promise<T>;
  /**
   * Stored by group commit.
   *
   * @returns whether it was stored; resolved once it is durable
   */
  insertToken(token: AccessToken): Promise<boolean>;
  recordUses(uses: readonly RecordedUse[]): Promise<void>;
  deleteToken(tokenId: string, credentialId: string): Promise<void>;
  purgeTokens(now: number): Promise<boolean>;
  /** Opens the file, which loads SQLite's addon into the thread that writes. */
  preload(): Promise<void>;
  /** Writes the generation counter, to prove that a write succeeds; durable once resolved. */
  proveWritable(): Promise<void>;
  /**
   * Closes a replaced file, unless a write of it is under way. The next write opens the file that is at the path
   * then.
   */
  release(): void;
  close(): Promise<void>;
}

interface WritableFile extends OpenFile {
  readonly batches: Batches;
}

/**
 * Pages of WAL before a checkpoint. Tokens dirty many pages, and a rarer checkpoint writes each page back once for
 * several groups.
 */
const CHECKPOINT_PAGES = 4_000;

/**
 * KiB of SQLite's page cache, for the pages that a transaction changes; the operating system's cache holds the
 * rest.
 */
const CACHE_KIB = 8_192;

/** Writes on the calling thread, which blocks while it waits for the lock. */
export class FileWriter implements Writer {
  readonly #file: StoreFile<WritableFile>;
  readonly #tokens: GroupCommit;
  /** Resolves when the previous transaction has ended. */
  #lastTurn: Promise<unknown> = Promise.resolve();

  /**
   * @param isShared whether another thread of this process may have the file open
   * @param gather adds tokens that arrived, but were not delivered by the event loop, during the last write
   */
  constructor(path: string, isShared: boolean, gather?: () => void) {
    this.#tokens = new GroupCommit(
      (tokens) => this.#batch((batches) => batches.insertTokens(tokens)),
      gather,
    );
    this.#file = new StoreFile(
      path,
      (opened) => {
        opened.database.pragma(`wal_autocheckpoint = ${CHECKPOINT_PAGES}`);
        opened.database.pragma(`cache_size = -${CACHE_KIB}`);
        return { ...opened, batches: new Batches(opened.database) };
      },
      { isShared, release: () => {} },
    );
  }

  write<T>(work: (transaction: StoreTransaction) => Promise<T>): Promise<T> {
    return this.#inTurn(({ store }) => store.write(work));
  }

  insertToken(token: AccessToken): Promise<boolean> {
    return this.#tokens.add(token);
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

  async preload(): Promise<void> {
    try {
      this.#file.current();
    } catch {
      // Left to the first write, which meets the same fault.
    }
  }

  proveWritable(): Promise<void> {
    return this.#batch((batches) => batches.proveWritable());
  }

  release(): void {
    this.#file.release();
  }

  async close(): Promise<void> {
    await this.#tokens.settled();
    await this.#lastTurn;
    this.#file.close();
  }

  #batch<T>(work: (batches: Batches) => T): Promise<T> {
    return this.#inTurn(({ store, batches }) => store.write(async () => work(batches)));
  }

  /** The path is checked only after the previous transaction, when nothing writes to the old file any more. */
  #inTurn<T>(work: (file: WritableFile) => Promise<T>): Promise<T> {
    const turn = this.#lastTurn.then(() => work(this.#file.current()));
    this.#lastTurn = turn.catch(() => {});
    return turn;
  }
}
