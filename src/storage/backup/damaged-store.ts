import { setTimeout as pause } from 'node:timers/promises';
import { CredctlError, conflictError } from '../../domain/errors.js';
import type { DamagedStore } from '../../domain/ports/backup-port.js';
import type { StoreReader } from '../../domain/ports/store-port.js';
import type { SqlConnection } from '../sql/connection.js';
import { SqlReader } from '../sql/reader.js';
import { connect } from '../sqlite/connection.js';
import type { SqliteDatabase } from '../sqlite/driver/database.js';
import { BUSY_SECONDS, isBusy } from '../sqlite/fault.js';
import { shown } from '../sqlite/file/access.js';
import { identityOf } from '../sqlite/file/identity.js';
import { sqliteConnection } from '../sqlite/sql-connection.js';

/** Milliseconds: longest attempt at the exclusive lock, and longest pause between two attempts. */
const LONGEST_ATTEMPT_MS = 400;

/** What is left of a damaged store, read for tombstones and trail. */
export class SqliteDamagedStore implements DamagedStore {
  readonly connection: SqlConnection | null;
  readonly #database: SqliteDatabase | null;

  /** @param database null for a file that is no database any more, which no other process can write to either */
  constructor(database: SqliteDatabase | null, path: string) {
    this.#database = database;
    this.connection = database === null ? null : forgiving(sqliteConnection(database, path));
  }

  get reader(): StoreReader | null {
    return this.connection === null ? null : new SqlReader(this.connection);
  }

  /** Whether the WAL is removed, and the exclusive lock prevents a new one. */
  get isHeld(): boolean {
    return this.#database !== null;
  }

  async deletedIds(): Promise<ReadonlySet<string> | null> {
    if (this.connection === null) return null;
    const found = new Set<string>();
    const questions = [
      'select credential_id from tombstone',
      "select target_id from audit_event where action in ('credential.delete', 'credential.discard')",
    ];
    let answers = 0;
    for (const question of questions) {
      try {
        const rows = await this.connection.tuples<readonly [id: string | null]>(question, []);
        for (const [id] of rows) if (id !== null) found.add(id);
        answers += 1;
      } catch (fault) {
        if (!(fault instanceof CredctlError) || fault.code !== 'integrity') throw fault;
      }
    }
    return answers === 0 ? null : found;
  }

  release(): void {
    this.#database?.close();
  }
}

/**
 * Locks a damaged store exclusively: a checkpoint writes the WAL into the file and removes it, and other processes
 * that open the file wait until it has been replaced, which they detect.
 *
 * @param identity device and inode of the store that was found to be damaged
 * @throws CredctlError `store_unavailable` while another process has it open; `conflict` when it was replaced since
 */
export async function lockDamagedStore(path: string, identity: string | null): Promise<SqliteDamagedStore> {
  const deadline = performance.now() + BUSY_SECONDS * 1_000;
  for (;;) {
    refuseReplacement(path, identity);
    const damaged = hold(path, performance.now() >= deadline);
    if (damaged === null) {
      await pause(atRandom(LONGEST_ATTEMPT_MS));
      continue;
    }
    try {
      refuseReplacement(path, identity);
      return damaged;
    } catch (fault) {
      damaged.release();
      throw fault;
    }
  }
}

function refuseReplacement(path: string, identity: string | null): void {
  if (identityOf(path) === identity) return;
  throw conflictError(
    `another program has just replaced ${shown(path)}`,
    'check the new file first; this command changed nothing',
  );
}

/**
 * One attempt; null while another process has the file open. Waiting for the exclusive lock holds a shared lock, so
 * two waiting processes deadlock: each gives up after a random time and retries after a pause.
 */
function hold(path: string, isLastAttempt: boolean): SqliteDamagedStore | null {
  let database: SqliteDatabase | null = null;
  try {
    database = connect(path, { fileMustExist: true, timeout: atRandom(LONGEST_ATTEMPT_MS) });
    database.exec(
      'pragma trusted_schema = off; pragma cell_size_check = on; pragma locking_mode = exclusive',
    );
    database.pragma('journal_mode = delete');
    database.exec('begin exclusive');
    return new SqliteDamagedStore(database, path);
  } catch (fault) {
    database?.close();
    if (fault instanceof CredctlError) throw fault;
    if (!isBusy(fault)) return new SqliteDamagedStore(null, path);
    if (!isLastAttempt) return null;
    throw new CredctlError('store_unavailable', `another process has ${shown(path)} open`, {
      hint: 'end that process, such as a running server, and try again; nothing was changed',
      cause: fault,
    });
  }
}

function atRandom(longest: number): number {
  return Math.ceil(longest * (0.25 + 0.75 * Math.random()));
}

/** Maps any failed query, for instance on a missing table, to damage (`integrity`). */
function forgiving(connection: SqlConnection): SqlConnection {
  const attempt = async <T>(question: Promise<T>): Promise<T> => {
    try {
      return await question;
    } catch (cause) {
      if (cause instanceof CredctlError) throw cause;
      throw new CredctlError('integrity', 'the damaged store has no answer', { cause });
    }
  };
  return {
    all: (text, parameters) => attempt(connection.all(text, parameters)),
    tuples: (text, parameters) => attempt(connection.tuples(text, parameters)),
    run: (text, parameters) => attempt(connection.run(text, parameters)),
  };
}
