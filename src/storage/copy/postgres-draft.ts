import type { CopyCompletion, CopyDraft, Row, TableShape } from '../../domain/ports/copy-port.js';
import { type Lent, type PostgresPool, type PostgresSession, SCHEMA } from '../postgres/connection/pool.js';
import type { CopyLock } from '../postgres/copy-lock.js';
import { followCatalog } from '../postgres/functions/api-lifetimes.js';
import { CONTINUE_NUMBERS } from '../postgres/functions/found-leaks.js';
import { assertNoNul } from '../postgres/parameters.js';
import { NUMBER_TABLE } from '../postgres/schema/tables.js';
import { inTransaction } from '../postgres/transaction.js';
import { UNUSED_VERSIONS } from '../schema/migrations/004a-bounds.js';
import { SCHEMA_NUMBER } from '../schema/number.js';
import { placeholders } from '../sql/connection.js';
import { UNFINISHED } from '../sql/unfinished-copy.js';
import { completeCopy } from './completion.js';
import { storeTables } from './store-tables.js';
import { keyColumns, tableReader } from './table-reader.js';

/** No timeouts: verifying the trail takes long, and an incomplete copy blocks no other session. */
const PATIENTLY = 'set local statement_timeout = 0; set local idle_in_transaction_session_timeout = 0';

/** A session for a copy, and the lock on it. */
export interface LentForCopy extends Pick<Lent, 'session' | 'explain' | 'giveBack'> {
  readonly lock: CopyLock;
}

/** A copy in progress: the tables of a store without `schema_number`, by which a store is recognised. */
export class PostgresDraft implements CopyDraft {
  readonly isResumed: boolean;
  readonly rows: CopyDraft['rows'];
  readonly count: CopyDraft['count'];
  readonly digest: CopyDraft['digest'];
  readonly #pool: PostgresPool;
  readonly #session: PostgresSession;
  readonly #lent: LentForCopy;

  constructor(pool: PostgresPool, lent: LentForCopy, isResumed: boolean) {
    this.isResumed = isResumed;
    this.#pool = pool;
    this.#lent = lent;
    const { session } = lent;
    this.#session = session;
    ({ rows: this.rows, count: this.count, digest: this.digest } = tableReader(session));
  }

  /** One statement with one JSON parameter for any number of rows. */
  async insert({ name, columns }: TableShape, rows: readonly Row[]): Promise<void> {
    for (const row of rows) assertNoNul(row);
    const list = columns.join(', ');
    const records = rows.map((row) =>
      Object.fromEntries(columns.map((column, index) => [column, row[index] ?? null])),
    );
    const inserted = this.#session.run(
      `insert into ${name} (${list}) select ${list} from pg_catalog.json_populate_recordset(null::${SCHEMA}.${name}, ?::json)`,
      [JSON.stringify(records)],
    );
    await inserted.catch(async (fault: unknown) => {
      throw await this.#lent.explain(fault);
    });
  }

  async clearAfter(table: TableShape, after: Row | null): Promise<void> {
    await this.#session.execute('begin');
    for (const name of table.dependents) await this.#session.execute(`delete from ${name}`);
    const rest = after === null ? '' : `where (${keyColumns(table)}) > (${placeholders(after.length)})`;
    await this.#session.run(`delete from ${table.name} ${rest}`, after ?? []);
    await this.#session.execute('commit');
  }

  async complete(change: CopyCompletion): Promise<{ readonly events: number; readonly head: string }> {
    await this.#lent.lock.requireHeld();
    const end = await inTransaction(this.#pool, PATIENTLY, async (session) => {
      const audit = await completeCopy(session, change);
      await session.execute(UNUSED_VERSIONS);
      await session.execute(CONTINUE_NUMBERS);
      await followCatalog(session);
      await session.execute(
        `${NUMBER_TABLE}; insert into schema_number (id, value) values (1, ${SCHEMA_NUMBER})`,
      );
      return audit;
    });
    await this.#lent.lock.release();
    // New tables have no statistics until autovacuum analyzes them, and the first queries come before that.
    await this.#session.execute(`analyze ${tableNames()}`).catch(() => {});
    return end;
  }

  async discard(): Promise<void> {
    await this.#lent.lock.release();
    const others = [UNFINISHED, 'leftover', 'api_lifetime'].map((name) => `${SCHEMA}.${name}`).join(', ');
    await this.#session.execute(`drop table if exists ${others}, ${tableNames()} cascade`);
  }

  async close(): Promise<void> {
    await this.#lent.lock.release();
    this.#lent.giveBack();
  }
}

function tableNames(): string {
  return storeTables()
    .map(({ name }) => `${SCHEMA}.${name}`)
    .join(', ');
}
