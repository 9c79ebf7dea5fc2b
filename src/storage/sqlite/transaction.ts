import { setTimeout as pause } from 'node:timers/promises';
import type { SqliteDatabase, SqliteStatement } from './driver/database.js';
import { BUSY_SECONDS, isBusy } from './fault.js';

const IMPATIENT = 'pragma busy_timeout = 0';

/** Milliseconds: longest pause between two attempts to get the write lock. */
const LONGEST_PAUSE_MS = 10;

/**
 * Queue of write transactions on one connection. BEGIN IMMEDIATE: upgrading a read transaction fails with
 * SQLITE_BUSY without calling the busy handler, so the write lock is taken at the start.
 */
export class SqliteTransactions {
  readonly #database: SqliteDatabase;
  readonly #busyMs: number;
  readonly #patient: string;
  /** Prepared statements by their text: a server begins and commits thousands of times a second. */
  readonly #statements = new Map<string, SqliteStatement>();
  #lastTurn: Promise<unknown> = Promise.resolve();

  /** @param busySeconds how long a transaction waits for the write lock */
  constructor(database: SqliteDatabase, busySeconds = BUSY_SECONDS) {
    this.#database = database;
    this.#busyMs = busySeconds * 1_000;
    this.#patient = `pragma busy_timeout = ${this.#busyMs}`;
  }

  /**
   * Runs `work` in its own transaction, after all earlier ones.
   *
   * @throws CredctlError or SQLite's error when `work` or the commit fails; the transaction is rolled back
   */
  run<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#lastTurn.then(() => this.#transaction(work));
    this.#lastTurn = turn.catch(() => {});
    return turn;
  }

  async #transaction<T>(work: () => Promise<T>): Promise<T> {
    await this.#begin();
    try {
      const result = await work();
      this.#prepared('commit').run();
      return result;
    } catch (fault) {
      this.#rollBack();
      throw fault;
    }
  }

  /** Waits on timers instead of SQLite's busy handler, so the thread is not blocked and signals are handled. */
  async #begin(): Promise<void> {
    if (this.#tryToBegin(false)) return;
    const deadline = performance.now() + this.#busyMs;
    // Random, short pauses: the busy handler's back-off grows, so later arrivals would overtake those who wait.
    do await pause(1 + Math.random() * (LONGEST_PAUSE_MS - 1));
    while (!this.#tryToBegin(performance.now() >= deadline));
  }

  #tryToBegin(isLastTry: boolean): boolean {
    try {
      this.#prepared(IMPATIENT).get();
      this.#prepared('begin immediate').run();
      this.#prepared(this.#patient).get();
      return true;
    } catch (fault) {
      this.#prepared(this.#patient).get();
      if (isLastTry || !isBusy(fault)) throw fault;
      return false;
    }
  }

  #prepared(text: string): SqliteStatement {
    const known = this.#statements.get(text);
    if (known !== undefined) return known;
    const statement = this.#database.prepare(text);
    this.#statements.set(text, statement);
    return statement;
  }

  /**
   * After some errors, such as a full disk, SQLite has rolled back by itself; the original error is the one to
   * report.
   */
  #rollBack(): void {
    try {
      if (this.#database.inTransaction) this.#database.exec('rollback');
    } catch {}
  }
}
