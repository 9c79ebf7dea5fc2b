import { lstatSync, rmSync, statSync } from 'node:fs';
import type { Database } from 'better-sqlite3';
import { CredctlError } from '../../../domain/errors.js';
import { SCHEMA_NUMBER } from '../../schema/number.js';
import { requireSchema } from '../../schema/older-schema.js';
import { openDatabase } from '../../sqlite/connection.js';
import { SERVER_BUSY_SECONDS, sqliteFault } from '../../sqlite/fault.js';
import { inspectPlace, shown } from '../../sqlite/file/access.js';
import { inspectStoreFile, schemaThrough } from '../../sqlite/file/header.js';
import { SqliteStore } from '../../sqlite/store.js';

/** A store's file that is open. */
export interface OpenFile {
  readonly database: Database;
  readonly store: SqliteStore;
}

/** What differs between the threads of a server. */
export interface Following {
  /** Whether another thread of this process may have the file open, so that it must not be opened but by SQLite. */
  readonly isShared: boolean;
  /** Has that thread close what it has open, if it can; on return. */
  readonly letGo: () => void;
}

/** How often a file that is being replaced right now is tried again. */
const TRIES = 5;

/**
 * The store at a path for as long as a server runs: whoever deletes the file or puts another one in its place, a
 * backup say, changes what the next request sees. SQLite alone would go on with the file that nobody sees any more.
 */
export class StoreFile<Opened extends OpenFile> {
  readonly path: string;
  readonly #prepare: (opened: OpenFile) => Opened;
  readonly #following: Following;
  #opened: { readonly file: Opened; readonly identity: string } | null = null;
  /** The file that was open last, and its log. */
  #last: { readonly identity: string; readonly log: string } | null = null;

  /** @param prepare adds what is needed of every newly opened file */
  constructor(path: string, prepare: (opened: OpenFile) => Opened, following: Following) {
    this.path = path;
    this.#prepare = prepare;
    this.#following = following;
  }

  /**
   * The store that is at the path now.
   *
   * @throws CredctlError as opening a store does; `store_unavailable` when there is none
   */
  current(): Opened {
    const identity = this.#identity();
    if (this.#opened !== null && this.#opened.identity === identity) return this.#opened.file;
    this.letGo();
    this.#removeLogOfAnother(identity);
    for (let tries = 0; tries < TRIES; tries += 1) {
      const before = this.#identity();
      const file = this.#open();
      if (before === this.#identity()) {
        this.#opened = { file, identity: before };
        const log = logBeside(this.path);
        this.#last = log === null ? null : { identity: before, log };
        return file;
      }
      file.database.close();
    }
    throw new CredctlError('store_unavailable', `${shown(this.path)} is being replaced`, {
      hint: 'try again',
    });
  }

  close(): void {
    if (this.#opened === null) return;
    const { file, identity } = this.#opened;
    // SQLite itself leaves the log of a file that was moved as it is.
    if (identityAt(this.path) !== identity) this.#emptyLog(file.database);
    file.database.close();
    this.#opened = null;
  }

  /** Closes a file that has lost its place, unless it is in a transaction, with all that was ever committed in it. */
  letGo(): void {
    if (this.#opened?.file.database.inTransaction !== true) this.close();
  }

  #emptyLog(database: Database): void {
    try {
      database.pragma('wal_checkpoint(truncate)');
    } catch {
      // Then the log stays beside whatever is in its place, which is refused as long as it is there.
    }
  }

  #identity(): string {
    const identity = identityAt(this.path);
    if (identity !== null) return identity;
    this.letGo();
    throw new CredctlError('store_unavailable', `there is no store at ${shown(this.path)}`, {
      hint: 'check the path, put the file back, or restore it from a backup',
    });
  }

  /**
   * SQLite goes by names: it would replay the log of the file before into the one that has taken its place. A log without
   * content is of no more use to anybody.
   *
   * @throws CredctlError `store_unavailable` while there is something in it
   */
  #removeLogOfAnother(identity: string): void {
    const log = `${this.path}-wal`;
    const isLogOfAnother = (): boolean =>
      this.#last !== null && this.#last.identity !== identity && this.#last.log === logBeside(this.path);
    if (!isLogOfAnother()) return;
    this.#following.letGo();
    if (!isLogOfAnother()) return;
    if (statSync(log).size > 0 || this.#following.isShared) {
      throw new CredctlError(
        'store_unavailable',
        `the log of the file that was at ${shown(this.path)} before is still beside it`,
        { hint: 'end whatever has that file open; where nothing has, move the -wal and -shm files away' },
      );
    }
    for (const name of [log, `${this.path}-shm`]) rmSync(name, { force: true });
  }

  #open(): Opened {
    if (this.#following.isShared) inspectPlace(this.path);
    else requireSchema(this.path, inspectStoreFile(this.path, SCHEMA_NUMBER));
    try {
      const database = openDatabase(this.path, SERVER_BUSY_SECONDS);
      try {
        requireSchema(this.path, schemaThrough(database, this.path, SCHEMA_NUMBER));
        return this.#prepare({
          database,
          store: new SqliteStore(database, this.path, { busySeconds: SERVER_BUSY_SECONDS }),
        });
      } catch (fault) {
        database.close();
        throw fault;
      }
    } catch (fault) {
      throw sqliteFault(fault, this.path);
    }
  }
}

/** What stands at a path; no other file has the same while this one is open. */
function identityAt(path: string): string | null {
  const found = lstatSync(path, { bigint: true, throwIfNoEntry: false });
  return found === undefined ? null : `${found.dev}/${found.ino}`;
}

/** The log beside a file. When one is gone, its number is given to the next file, so that its time of birth counts too. */
function logBeside(path: string): string | null {
  const found = lstatSync(`${path}-wal`, { bigint: true, throwIfNoEntry: false });
  return found === undefined ? null : `${found.dev}/${found.ino}/${found.birthtimeNs}`;
}
