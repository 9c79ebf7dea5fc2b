import type { RecordedUse } from '../../../domain/ports/serving-port.js';
import type { AccessToken, StoreTransaction } from '../../../domain/ports/store-port.js';
import { GroupCommit } from '../group-commit.js';
import { type OpenFile, StoreFile } from './followed-file.js';
import { Batches } from './statements.js';

/** The changes that a server makes, each in a transaction of its own. */
export interface Writer {
  write<T>(work: (transaction: StoreTransaction) => Promise<T>): Promise<T>;
  /**
   * Together with others that come at the same time.
   *
   * @returns whether it was kept; resolved once it is durable
   */
  insertToken(token: AccessToken): Promise<boolean>;
  recordUses(uses: readonly RecordedUse[]): Promise<void>;
  deleteToken(tokenId: string, credentialId: string): Promise<void>;
  purgeTokens(now: number): Promise<boolean>;
  /** Writes something that changes nothing; durable on return. */
  proveWritable(): Promise<void>;
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
  readonly #tokens: GroupCommit;
  /** Resolves when the transaction before has ended. */
  #lastTurn: Promise<unknown> = Promise.resolve();

  /**
   * @param isShared whether another thread of this process may have the file open
   * @param gather adds tokens that have arrived unnoticed while others were being written
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
      { isShared, letGo: () => {} },
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

  proveWritable(): Promise<void> {
    return this.#batch((batches) => batches.proveWritable());
  }

  letGo(): void {
    this.#file.letGo();
  }

  async close(): Promise<void> {
    await this.#tokens.settled();
    await this.#lastTurn;
    this.#file.close();
  }

  #batch<T>(work: (batches: Batches) => T): Promise<T> {
    return this.#inTurn(({ store, batches }) => store.write(async () => work(batches)));
  }

  /** Which file there is to write to is looked at when nothing is being written to the one before any more. */
  #inTurn<T>(work: (file: WritableFile) => Promise<T>): Promise<T> {
    const turn = this.#lastTurn.then(() => work(this.#file.current()));
    this.#lastTurn = turn.catch(() => {});
    return turn;
  }
}
