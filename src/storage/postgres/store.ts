import type { Clock } from '../../domain/ports/ports.js';
import type { StorePlacing } from '../../domain/ports/store-placing.js';
import type {
  AuditVerification,
  Finding,
  RecordedEvent,
  Scrubbed,
  Store,
  StoreStatistics,
  StoreTransaction,
} from '../../domain/ports/store-port.js';
import { firstRow, type SqlConnection } from '../sql/connection.js';
import { SqlReader } from '../sql/reader.js';
import { PATIENT_ANSWER_MS, type PostgresPool, SCHEMA } from './connection/pool.js';
import { readingAs } from './earlier/as-present.js';
import type { SchemaInUse } from './earlier/schema-in-use.js';
import { placedInDatabase } from './place.js';
import type { UsableStore } from './schema/schema.js';
import { BEGIN_SNAPSHOT, inSnapshot } from './snapshot.js';
import { PostgresTransactions } from './transaction.js';

/** A store in one PostgreSQL database. */
export class PostgresStore extends SqlReader implements Store {
  readonly clock: Clock;
  readonly isReadOnly: boolean;
  readonly #pool: PostgresPool;
  readonly #schema: SchemaInUse;
  /** Its queries are for the present schema. */
  readonly #reading: SqlConnection;
  readonly #transactions: PostgresTransactions;
  #isPlaceKnown = false;

  /** Of the earlier schema, it is only read. */
  constructor(pool: PostgresPool, { schema, mayChange }: UsableStore) {
    const reading = readingAs(pool.connection, schema);
    super(reading);
    this.clock = pool.clock;
    this.isReadOnly = !mayChange;
    this.#pool = pool;
    this.#schema = schema;
    this.#reading = reading;
    this.#transactions = new PostgresTransactions(pool, mayChange, (session) => this.#rememberPlace(session));
  }

  async write<T>(work: (transaction: StoreTransaction) => Promise<T>): Promise<T> {
    await this.#schema.requirePresent(this.#pool.connection);
    return this.#transactions.run(work);
  }

  async placing(): Promise<StorePlacing> {
    return (await placedInDatabase(this.#reading)).placing;
  }

  async #rememberPlace(session: SqlConnection): Promise<void> {
    if (this.#isPlaceKnown) return;
    const { placing, toRemember } = await placedInDatabase(session);
    if (toRemember !== null) await session.run('update store set place = ?', [toRemember]);
    this.#isPlaceKnown = placing.kind === 'same' && toRemember === null;
  }

  async statistics(): Promise<StoreStatistics> {
    const figures = await firstRow<{ credentials: number; owners: number; size: number }>(
      this.#pool.connection,
      `select (select count(*) from credential) as credentials, (select count(*) from owner) as owners,
        (select sum(pg_catalog.pg_total_relation_size(c.oid::regclass)) from pg_catalog.pg_class c
          join pg_catalog.pg_namespace n on n.oid = c.relnamespace
          where n.nspname = '${SCHEMA}' and c.relkind = 'r') as size`,
    );
    return {
      engine: 'postgres',
      location: this.#pool.location,
      schema: this.#schema.number,
      credentials: figures?.credentials ?? 0,
      owners: figures?.owners ?? 0,
      sizeBytes: figures?.size ?? 0,
    };
  }

  override verifyAudit(expectedHead: string | null): Promise<AuditVerification> {
    return inSnapshot(this.#pool, (snapshot) =>
      new SqlReader(readingAs(snapshot, this.#schema)).verifyAudit(expectedHead),
    );
  }

  override async *exportAudit(after?: number): AsyncGenerator<readonly RecordedEvent[]> {
    const { session, giveBack, explain } = await this.#pool.lend(PATIENT_ANSWER_MS);
    try {
      await session.execute(BEGIN_SNAPSHOT);
      yield* new SqlReader(readingAs(session, this.#schema)).exportAudit(after);
    } catch (fault) {
      throw await explain(fault);
    } finally {
      giveBack();
    }
  }

  async check(now: number): Promise<readonly Finding[]> {
    await this.#schema.requirePresent(this.#pool.connection);
    const { checkPostgres } = await import('./check.js');
    return checkPostgres(this.#pool, now);
  }

  /** Deleted rows leave the tables' files with autovacuum; only queued leftovers are removed here. */
  async scrub(): Promise<Scrubbed> {
    await this.#schema.requirePresent(this.#pool.connection);
    return (await this.#transactions.sweep()) ? 'done' : 'rows-held';
  }

  close(): Promise<void> {
    return this.#pool.close();
  }
}
