import { CredctlError } from '../../../domain/errors.js';
import type { Clock } from '../../../domain/ports/ports.js';
import type {
  Comparison,
  Inspected,
  InspectionRequest,
  Lookup,
  RecordedUse,
  ServingStore,
  StoreMetadata,
} from '../../../domain/ports/serving-port.js';
import type { AccessToken, PresentedVersion, StoreTransaction } from '../../../domain/ports/store-port.js';
import { FOR_REQUESTS } from '../../postgres/connection/patience.js';
import { PostgresPool } from '../../postgres/connection/pool.js';
import { parsePostgresUrl } from '../../postgres/connection/url.js';
import { readingAs } from '../../postgres/earlier/as-present.js';
import type { SchemaInUse } from '../../postgres/earlier/schema-in-use.js';
import { EarlierUseTransaction } from '../../postgres/earlier/use-transaction.js';
import { requireServing, type ServingRole } from '../../postgres/roles/roles.js';
import { inspectDatabase, type UsableStore } from '../../postgres/schema/schema.js';
import { PostgresTransactions } from '../../postgres/transaction.js';
import type { StoreTable } from '../../schema/tables.js';
import { firstRow, type SqlConnection } from '../../sql/connection.js';
import { SqlReader } from '../../sql/reader.js';
import { toSettings } from '../../sql/rows.js';
import { CatalogCache } from '../catalog-cache.js';
import { GroupCommit } from '../group-commit.js';
import { OPEN_LEAKS } from '../queries.js';
import { BatchedLookup } from './batched-lookup.js';
import { requireWritableDatabase } from './readiness.js';
import { PostgresBatches } from './statements.js';

/**
 * Opens the store in the database at `url` for a server. The role `verifier` suffices.
 *
 * @param connections upper bound of the server's connections
 * @param stopsLeaks whether it deactivates what has leaked, for which a login without the role `admin` needs `responder`
 * @throws CredctlError as opening a store does; `denied` when the login lacks a right that a server needs
 */
export async function openPostgresServingStore(
  url: string,
  connections?: number,
  stopsLeaks = false,
): Promise<ServingStore> {
  const pool = new PostgresPool(parsePostgresUrl(url, process.env), connections, FOR_REQUESTS);
  try {
    const found = await inspectDatabase(pool);
    if (found === null) {
      throw new CredctlError('store_unavailable', `there is no store in ${pool.location}`, {
        hint: "check the URL, or create a store with 'credctl store init'",
      });
    }
    const role = stopsLeaks && !found.mayChange ? 'responder' : 'verifier';
    await requireServing(pool.connection, found.schema, role);
    const store = new PostgresServingStore(pool, found, role);
    // Any lookup proves that the store can be read. A standby passes: it becomes ready once promoted.
    await store.lookup('version', '');
    return store;
  } catch (fault) {
    await pool.close().catch(() => {});
    throw fault;
  }
}

/** Serving store in PostgreSQL: each request is answered from a snapshot taken after its arrival. */
class PostgresServingStore implements ServingStore {
  readonly clock: Clock;
  readonly location: string;
  readonly lookup: Lookup;
  readonly stopForLeak: ServingStore['stopForLeak'];
  readonly #pool: PostgresPool;
  readonly #schema: SchemaInUse;
  readonly #role: ServingRole;
  /** Its queries are for the present schema. */
  readonly #reading: SqlConnection;
  readonly #reader: SqlReader;
  readonly #lookups: BatchedLookup;
  readonly #batches: PostgresBatches;
  readonly #tokens: GroupCommit;
  readonly #transactions: PostgresTransactions;
  /** Those on the earlier schema: uses are recorded, and nothing is changed. */
  readonly #earlierTransactions: PostgresTransactions;
  readonly #catalogs = new CatalogCache();
  #metadata: { readonly generation: number; readonly answer: Promise<StoreMetadata> } | null = null;

  constructor(pool: PostgresPool, { schema, mayChange }: UsableStore, role: ServingRole) {
    this.clock = pool.clock;
    this.location = pool.location;
    this.#pool = pool;
    this.#schema = schema;
    this.#role = role;
    this.#reading = readingAs(pool.connection, schema);
    this.#reader = new SqlReader(this.#reading);
    this.#lookups = new BatchedLookup(pool, schema);
    this.lookup = (kind, id) => this.#lookups.lookup({ kind, id });
    this.#batches = new PostgresBatches(pool);
    this.stopForLeak = mayChange ? null : (leaked) => this.#batches.stopForLeak(leaked);
    this.#tokens = new GroupCommit((tokens) => this.#batches.insertTokens(tokens));
    this.#transactions = new PostgresTransactions(pool, mayChange);
    this.#earlierTransactions = new PostgresTransactions(
      pool,
      false,
      undefined,
      (session) => new EarlierUseTransaction(readingAs(session, schema), pool.location),
    );
  }

  /** `toldVersions` of a write transaction imports it on use. */
  async preload(): Promise<void> {
    await import('../../sql/trail/told.js');
  }

  /** The lookup of an empty id, which no version has, proves that the store can be read. */
  async probe(): Promise<void> {
    await Promise.all([
      this.lookup('version', ''),
      requireWritableDatabase(this.#pool, this.#schema, this.#role),
    ]);
  }

  generation(): number {
    return this.#lookups.generation;
  }

  /** No-op: each statement has its own snapshot on PostgreSQL. */
  inSnapshot<T>(work: () => T): T {
    return work();
  }

  metadata(): Promise<StoreMetadata> {
    const generation = this.generation();
    if (this.#metadata?.generation === generation) return this.#metadata.answer;
    const metadata = { generation, answer: this.#readMetadata() };
    this.#metadata = metadata;
    metadata.answer.catch(() => {
      if (this.#metadata === metadata) this.#metadata = null;
    });
    return metadata.answer;
  }

  async #readMetadata(): Promise<StoreMetadata> {
    const row = await firstRow<StoreTable & { document: string }>(
      this.#reading,
      'select s.*, c.document from store s, catalog c where s.id = 1 and c.id = 1',
    );
    if (row === null) {
      throw new CredctlError('integrity', `the settings of the store are missing in ${this.#pool.location}`, {
        hint: 'restore the store from a backup',
      });
    }
    const { document } = row;
    return { settings: toSettings(row), catalog: await this.#catalogs.of(document) };
  }

  async findComparable(versionId: string): Promise<Comparison> {
    return { comparable: await this.#reader.findComparable(versionId), served: null };
  }

  findPresentedVersion(versionId: string): Promise<PresentedVersion | null> {
    return this.#reader.findPresentedVersion(versionId);
  }

  async findToken(tokenId: string): Promise<AccessToken | null> {
    return (await this.lookup('token', tokenId)).token;
  }

  inspect(asked: readonly InspectionRequest[]): Promise<readonly Inspected[]> {
    return this.#lookups.inspect(asked);
  }

  async countOpenLeaks(): Promise<number> {
    const row = await firstRow<{ n: number }>(this.#reading, OPEN_LEAKS);
    return Number(row?.n ?? 0);
  }

  async write<T>(work: (transaction: StoreTransaction) => Promise<T>): Promise<T> {
    if (!this.#schema.isEarlier) return this.#transactions.run(work);
    try {
      return await this.#earlierTransactions.run(work);
    } catch (fault) {
      // A migration has taken the rights that this needed.
      if (await this.#schema.ask(this.#pool.connection).catch(() => true)) throw fault;
      return this.#transactions.run(work);
    }
  }

  insertToken(token: AccessToken): Promise<boolean> {
    return this.#tokens.add(token);
  }

  recordUses(uses: readonly RecordedUse[]): Promise<void> {
    return this.#batches.recordUses(uses);
  }

  deleteToken(tokenId: string, credentialId: string): Promise<void> {
    return this.#batches.deleteToken(tokenId, credentialId);
  }

  /** Expiry is judged by the database's clock, so the caller's time is not needed. */
  purgeTokens(): Promise<boolean> {
    return this.#batches.purgeTokens();
  }

  close(): Promise<void> {
    return this.#pool.close();
  }
}
