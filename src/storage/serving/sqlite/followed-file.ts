import { lstatSync, rmSync, statSync } from 'node:fs';
import { CredctlError } from '../../../domain/errors.js';
import { SCHEMA_NUMBER } from '../../schema/number.js';
import { openDatabase } from '../../sqlite/connection.js';
import type { SqliteDatabase } from '../../sqlite/driver/database.js';
import { SERVER_BUSY_SECONDS, sqliteFault } from '../../sqlite/fault.js';
import { inspectPlace, shown } from '../../sqlite/file/access.js';
import { inspectStoreFile } from '../../sqlite/file/header.js';
import { requireSchemaOfFile, requireSchemaThrough } from '../../sqlite/file/schema.js';
import { SqliteStore } from '../../sqlite/store.js';

/** An open store file: its connection, and the store on it. */
export interface OpenFile {
  readonly database: SqliteDatabase;
  readonly store: SqliteStore;
}

/** What differs between the threads of a server that have the file open. */
export interface Following {
  /**
   * Whether another thread of this process may have the file open. Then it must be opened by SQLite only: closing
   * any other descriptor of it drops the process's POSIX advisory locks.
   */
  readonly isShared: boolean;
  /** Has the other thread close the replaced file, if it can; returns when that is done. */
  readonly release: () => void;
}

/** Attempts to open a file that is replaced during the attempt. */
const TRIES = 5;

/**
 * The store at a path, for the lifetime of a server. Follows the path, not the inode: a file deleted or replaced
 * (by a restore, say) is noticed at the next request. SQLite alone would keep using the unlinked inode.
 */
export class StoreFile<Opened extends OpenFile> {
  readonly path: string;
  readonly #prepare: (opened: OpenFile) => Opened;
  readonly #following: Following;
  #opened: { readonly file: Opened; readonly identity: string } | null = null;
  /** Identity of the file that was open last, and of its WAL. */
  #last: { readonly identity: string; readonly log: string } | null = null;

  /** @param prepare adds what a newly opened file needs */
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
    this.release();
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

  /** Closes the file, if it is open. */
  close(): void {
    if (this.#opened === null) return;
    const { file, identity } = this.#opened;
    // Checkpoint first: SQLite does not remove the WAL when it closes a file that was moved.
    if (identityAt(this.path) !== identity) this.#emptyLog(file.database);
    file.database.close();
    this.#opened = null;
  }

  /**
   * Closes a replaced file, unless it is in a transaction. The checkpoint moves all committed pages out of the WAL
   * first.
   */
  release(): void {
    if (this.#opened?.file.database.inTransaction !== true) this.close();
  }

  #emptyLog(database: SqliteDatabase): void {
    try {
      database.pragma('wal_checkpoint(truncate)');
    } catch {
      // The WAL then stays beside the new file, which is refused as long as it is there.
    }
  }

  #identity(): string {
    const identity = identityAt(this.path);
    if (identity !== null) return identity;
    this.release();
    throw new CredctlError('store_unavailable', `there is no store at ${shown(this.path)}`, {
      hint: 'check the path, put the file back, or restore it from a backup',
    });
  }

  /**
   * Removes the WAL of a replaced file. SQLite finds a WAL by its name and would replay this one into the new file;
   * once checkpointed, it is empty and can be removed.
   *
   * @throws CredctlError `store_unavailable` while there is content in it
   */
  #removeLogOfAnother(identity: string): void {
    const log = `${this.path}-wal`;
    const isLogOfAnother = (): boolean =>
      this.#last !== null && this.#last.identity !== identity && this.#last.log === logBeside(this.path);
    if (!isLogOfAnother()) return;
    this.#following.release();
    if (!isLogOfAnother()) return;
    if (statSync(log).size > 0 || this.#following.isShared) {
      throw new CredctlError(
        'store_unavailable',
        `the log files of an earlier store are still beside ${shown(this.path)}`,
        {
          hint: 'end every program that has the earlier store open; if there is none, move the -wal and -shm files away',
        },
      );
    }
    for (const name of [log, `${this.path}-shm`]) rmSync(name, { force: true });
  }

  #open(): Opened {
    if (this.#following.isShared) inspectPlace(this.path);
    else requireSchemaOfFile(this.path, inspectStoreFile(this.path, SCHEMA_NUMBER));
    try {
      const database = requireSchemaThrough(openDatabase(this.path, SERVER_BUSY_SECONDS), this.path);
      try {
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

/** Device and inode of the file at a path; unique among files while this one is open. */
function identityAt(path: string): string | null {
  const found = lstatSync(path, { bigint: true, throwIfNoEntry: false });
  return found === undefined ? null : `${found.dev}/${found.ino}`;
}

/**
 * Device, inode and birth time of the WAL beside a file. The birth time is needed because the inode number of a
 * deleted file is reused.
 */
function logBeside(path: string): string | null {
  const found = lstatSync(`${path}-wal`, { bigint: true, throwIfNoEntry: false });
  return found === undefined ? null : `${found.dev}/${found.ino}/${found.birthtimeNs}`;
}
