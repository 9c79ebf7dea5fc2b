import Database from 'better-sqlite3';
import type { AuditVerification } from '../../../src/domain/ports/store-port.js';
import { codeOf } from '../../../src/files/errno.js';
import { openSqliteStore, type SqliteStore } from '../../../src/storage/sqlite/store.js';
import { mustSucceed } from '../faults/interrupted-delivery.js';
import { credctl } from '../program/real-program.js';
import { makeWorkplace, type Workplace } from '../program/workplace.js';

/** A value of a column. */
export type Cell = string | number | Buffer | null;

/** A row of the audit trail, whatever columns it has. */
export type AuditRow = Readonly<Record<string, Cell>>;

const TABLES = ['audit_event', 'audit_head'] as const;

/** Makes a store whose audit trail holds events of many kinds, with and without names and reasons. */
export async function auditedStore(parent: string): Promise<Workplace> {
  const place = makeWorkplace(parent);
  const scope = ['--scope', 'data:conversations'];
  for (const argv of [
    ['store', 'init', '--hash', 'sha256'],
    ['owner', 'create', 'Team', '--kind', 'service'],
    ['create', 'One', '--type', 'api-key', ...scope, '--owner', 'Team', '--reason', 'ticket 1'],
    ['create', 'two', ...scope],
    ['edit', 'One', '--description', 'for “tests”', '--label', 'k=v'],
    ['rotate', 'One', '--now', '--reason', 'a leak'],
    ['deactivate', 'two'],
    ['activate', 'two'],
    ['catalog', 'use', 'moveworks', '--yes'],
    ['store', 'set', '--hash', 'bcrypt'],
    ['delete', 'two', '--yes'],
  ]) {
    mustSucceed(await credctl(place, argv));
  }
  return place;
}

/** Tampers with a store behind its back, asks the program's own code for its verdict, and puts everything back. */
export class Tampering {
  readonly #database: Database.Database;
  readonly #store: SqliteStore;

  constructor(place: Workplace) {
    const store = openSqliteStore(place.store);
    if (store === null) throw new Error('there is no store');
    this.#store = store;
    this.#database = new Database(place.store);
    this.#database.pragma('synchronous = off');
    for (const table of TABLES)
      this.#database.exec(`create temp table "${table} kept" as select * from ${table}`);
  }

  /** The events, oldest first. */
  events(): readonly AuditRow[] {
    return this.#database.prepare<[], AuditRow>('select * from audit_event order by seq').all();
  }

  head(): AuditRow {
    const row = this.#database.prepare<[], AuditRow>('select * from audit_head').get();
    if (row === undefined) throw new Error('there is no head');
    return row;
  }

  /** The columns of a table, in their order. */
  columns(table: (typeof TABLES)[number]): readonly string[] {
    const columns = this.#database.prepare<[string], { name: string }>(
      'select name from pragma_table_info(?)',
    );
    return columns.all(table).map(({ name }) => name);
  }

  /**
   * What `audit verify` says of the store after a change.
   *
   * @returns null when the database itself refuses the change
   */
  async verdictAfter(
    change: (database: Database.Database) => unknown,
    expectedHead: string | null = null,
  ): Promise<AuditVerification | null> {
    try {
      if (!isPossible(() => this.#database.transaction(change)(this.#database))) return null;
      return await this.#store.verifyAudit(expectedHead);
    } finally {
      this.#putBack();
    }
  }

  /** Tampers for good, for the program to find. */
  commit(change: (database: Database.Database) => unknown): void {
    change(this.#database);
    this.#database.pragma('wal_checkpoint(truncate)');
  }

  async close(): Promise<void> {
    await this.#store.close();
    this.#database.close();
  }

  #putBack(): void {
    this.#database.transaction(() => {
      for (const table of TABLES) {
        this.#database.exec(`delete from ${table}; insert into ${table} select * from temp."${table} kept"`);
      }
    })();
  }
}

/** Sets one column of the event with that number. */
export function setColumn(column: string, value: Cell, seq: Cell): (database: Database.Database) => void {
  return (database) => {
    database.prepare(`update audit_event set ${column} = ? where seq = ?`).run(value, seq);
  };
}

/** Inserts a row as it is. */
export function insertRow(row: AuditRow): (database: Database.Database) => void {
  return (database) => {
    const columns = Object.keys(row);
    const places = columns.map(() => '?').join(', ');
    database
      .prepare(`insert into audit_event (${columns.join(', ')}) values (${places})`)
      .run(...Object.values(row));
  };
}

/** Only a constraint or a column's type may stand in the way; any other failure is the test's own. */
function isPossible(change: () => unknown): boolean {
  try {
    change();
    return true;
  } catch (fault) {
    if (/^SQLITE_(?:CONSTRAINT|MISMATCH)/.test(codeOf(fault) ?? '')) return false;
    throw fault;
  }
}
