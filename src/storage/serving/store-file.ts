import { lstatSync } from 'node:fs';
import type { Database } from 'better-sqlite3';
import { CredctlError } from '../../domain/errors.js';
import { requireSchema } from '../older-schema.js';
import { SCHEMA_NUMBER } from '../schema-number.js';
import { SqliteStore } from '../sqlite.js';
import { sqliteFault } from '../sqlite-fault.js';
import { inspectStoreFile, shown } from '../sqlite-file.js';
import { openDatabase } from '../sqlite-open.js';

/** A store's file that is open. */
export interface OpenFile {
  readonly database: Database;
  readonly store: SqliteStore;
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
  #opened: { readonly file: Opened; readonly identity: string } | null = null;

  /** @param prepare adds what is needed of every newly opened file */
  constructor(path: string, prepare: (opened: OpenFile) => Opened) {
    this.path = path;
    this.#prepare = prepare;
  }

  /**
   * The store that is at the path now.
   *
   * @throws CredctlError as opening a store does; `store_unavailable` when there is none
   */
  current(): Opened {
    const identity = this.#identity();
    if (this.#opened !== null && this.#opened.identity === identity) return this.#opened.file;
    this.close();
    for (let tries = 0; tries < TRIES; tries += 1) {
      const before = this.#identity();
      const file = this.#open();
      if (before === this.#identity()) {
        this.#opened = { file, identity: before };
        return file;
      }
      file.database.close();
    }
    throw new CredctlError('store_unavailable', `${shown(this.path)} is being replaced`, {
      hint: 'try again',
    });
  }

  close(): void {
    this.#opened?.file.database.close();
    this.#opened = null;
  }

  /** No other file has the same while this one is open. */
  #identity(): string {
    const found = lstatSync(this.path, { throwIfNoEntry: false });
    if (found !== undefined) return `${found.dev}/${found.ino}`;
    this.close();
    throw new CredctlError('store_unavailable', `there is no store at ${shown(this.path)} any more`, {
      hint: 'put the file back, or restore it from a backup',
    });
  }

  #open(): Opened {
    requireSchema(this.path, inspectStoreFile(this.path, SCHEMA_NUMBER));
    try {
      const database = openDatabase(this.path);
      return this.#prepare({ database, store: new SqliteStore(database, this.path) });
    } catch (fault) {
      throw sqliteFault(fault, shown(this.path));
    }
  }
}
