import { CredctlError } from '../../../domain/errors.js';
import type { NewStore } from '../../../domain/ports/store-port.js';
import { SCHEMA_NUMBER } from '../../schema/number.js';
import { requireMigratable } from '../../schema/older-schema.js';
import { firstRow, type SqlConnection } from '../../sql/connection.js';
import { UNFINISHED } from '../../sql/unfinished-copy.js';
import { DATABASE_TIME } from '../connection/clock.js';
import { type PostgresPool, type PostgresSession, SCHEMA, SEARCH_PATH } from '../connection/pool.js';
import { SchemaInUse } from '../earlier/schema-in-use.js';
import { sqlStateOf } from '../fault.js';
import { followCatalog } from '../functions/api-lifetimes.js';
import { createFunctions } from '../functions/functions.js';
import { inTransaction } from '../transaction.js';
import { ASK_DOUBTS_OF_NEW, distrustOf, refusal, refuseTables } from '../trust/distrust.js';
import type { Doubt } from '../trust/query.js';
import { KNOWN_TABLES } from './known-tables.js';

/** The oldest server that the program is tested with, as `server_version_num`. */
const OLDEST_SERVER = 140_000;

/** What the database contains, and the login's rights on it. */
interface Findings {
  readonly server: number;
  readonly encoding: string;
  readonly is_closed: number;
  readonly tables: number;
  readonly has_number: number;
  readonly has_copy: number;
  readonly may_change: number;
  /** JSON of the names of tables that belong to no store; null when there are none. */
  readonly foreign_tables: string | null;
  readonly now: number;
}

/** Reads only the system catalogs, so it also answers a login without rights on the store. */
const LOOK = `select pg_catalog.current_setting('server_version_num')::int as server,
    pg_catalog.current_setting('server_encoding') as encoding,
    ${DATABASE_TIME} as now,
    (select count(*) from pg_catalog.pg_namespace
      where nspname = '${SCHEMA}' and not pg_catalog.has_schema_privilege(oid, 'usage')) as is_closed,
    count(*) as tables,
    count(*) filter (where c.relname = 'schema_number') as has_number,
    count(*) filter (where c.relname = '${UNFINISHED}') as has_copy,
    count(*) filter (where c.relname = 'audit_head' and pg_catalog.has_table_privilege(c.oid, 'update')) as may_change,
    pg_catalog.array_to_json(pg_catalog.array_agg(pg_catalog.format('%I.%I', n.nspname, c.relname))
      filter (where c.relname <> all ('{${KNOWN_TABLES.join(',')}}'::name[])))::text as foreign_tables
  from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
  where n.nspname = '${SCHEMA}' and c.relkind in ('r', 'v', 'm', 'S', 'f', 'p')`;

/** What the store's schema contains. */
export type Present =
  | { readonly state: 'nothing' }
  /** A copy that is not complete. */
  | { readonly state: 'unfinished' }
  | { readonly state: 'store'; readonly schema: number; readonly mayChange: boolean };

/** A store that this program can use. */
export interface UsableStore {
  readonly schema: SchemaInUse;
  readonly mayChange: boolean;
}

/**
 * Checks whether the database holds a store that this program can use, of its own schema or the one before it.
 *
 * @returns null when there is none
 * @throws CredctlError `store_unavailable` for a newer or older store, or where the schema belongs to another
 *   application
 */
export async function inspectDatabase(pool: PostgresPool): Promise<UsableStore | null> {
  return inspect(pool.connection, pool);
}

async function inspect(
  connection: SqlConnection,
  { location, clock }: Pick<PostgresPool, 'location' | 'clock'>,
): Promise<UsableStore | null> {
  const found = await lookInto(connection, location, clock);
  if (found.state === 'nothing') return null;
  if (found.state === 'unfinished') {
    throw unusable(
      location,
      'holds a copy that is not complete',
      "go on with it by the same 'credctl store copy', or remove it: drop schema credctl cascade",
    );
  }
  return { schema: new SchemaInUse(location, found.schema), mayChange: found.mayChange };
}

/**
 * Determines what the database holds, stores of an older schema included.
 *
 * @throws CredctlError `store_unavailable` for a newer store or one too old to migrate, or where the schema belongs
 *   to another application
 */
export async function lookInto(
  connection: SqlConnection,
  location: string,
  clock: Pick<PostgresPool['clock'], 'tell'> | null = null,
): Promise<Present> {
  const found = await firstRow<Findings>(connection, LOOK);
  if (found === null) throw new TypeError('a count has a row');
  clock?.tell(found.now);
  if (found.server < OLDEST_SERVER) {
    throw unusable(location, 'runs a PostgreSQL older than 14', 'upgrade the server');
  }
  if (found.encoding !== 'UTF8') {
    throw unusable(location, `is encoded in ${found.encoding}`, "create a database with encoding 'UTF8'");
  }
  if (found.is_closed > 0) {
    throw new CredctlError('denied', `${location} does not let this login use the store`, {
      hint: 'the login needs a role of the store: credctl store grant ROLE --to DBROLE',
    });
  }
  if (found.has_number === 0) {
    if (found.tables === 0) return { state: 'nothing' };
    if (found.has_copy > 0) {
      refuseTables(location, found.foreign_tables);
      return { state: 'unfinished' };
    }
    throw unusable(
      location,
      `has a schema ${SCHEMA} that is not a credctl store`,
      'name another database; this one was not changed',
    );
  }
  const row = await firstRow<{ value: number }>(connection, `select value from ${SCHEMA}.schema_number`);
  if (row === null) {
    throw new CredctlError('integrity', `${location} has lost the number of its schema`, {
      hint: 'restore the store from a backup',
    });
  }
  if (row.value > SCHEMA_NUMBER) {
    throw unusable(
      location,
      `was written by a newer credctl (schema ${row.value})`,
      'install the newer version',
    );
  }
  requireMigratable(location, row.value);
  refuseTables(location, found.foreign_tables);
  return { state: 'store', schema: row.value, mayChange: found.may_change > 0 };
}

/**
 * Creates a store with its first rows, in one transaction.
 *
 * @param now epoch milliseconds
 * @returns whether this call created it; false when a concurrent call did
 */
export async function createStore(
  pool: PostgresPool,
  store: NewStore & { readonly id: string },
  now: number,
): Promise<boolean> {
  const [{ seedStore }, { createTables }, { createTextIndex }] = await Promise.all([
    import('../../sql/seed.js'),
    import('./tables.js'),
    import('./text-index.js'),
  ]);
  try {
    return await inTransaction(pool, '', async (session) => {
      if ((await inspect(session, pool)) !== null) return false;
      await makeSchema(session, pool.location);
      await createTables(session);
      await session.execute(`insert into schema_number (id, value) values (1, ${SCHEMA_NUMBER})`);
      await seedStore(session, store, now);
      await followCatalog(session);
      await createFunctions(session);
      await revokeDefaults(session);
      await createTextIndex(session);
      return true;
    });
  } catch (fault) {
    if (isTaken(fault)) return false;
    throw fault;
  }
}

/**
 * Grantees of default privileges on the objects just created, quoted as SQL identifiers: a new store must have
 * none.
 */
const BY_DEFAULT = `select distinct case a.grantee when 0::oid then 'public'::text else a.grantee::regrole::text end as grantee
  from (select relnamespace as space, relacl as acl, relowner as owner from pg_catalog.pg_class
      union all select pronamespace, proacl, proowner from pg_catalog.pg_proc) o
    join pg_catalog.pg_namespace n on n.oid = o.space and n.nspname = '${SCHEMA}'::name,
    pg_catalog.aclexplode(o.acl) a
  where a.grantee <> o.owner`;

/** Revokes what ALTER DEFAULT PRIVILEGES gave other roles on the tables and functions of a new store. */
async function revokeDefaults(session: PostgresSession): Promise<void> {
  const { rows } = await session.execute(BY_DEFAULT);
  for (const { grantee } of rows as readonly { readonly grantee: string }[]) {
    for (const kind of ['tables', 'sequences', 'functions']) {
      await session.execute(`revoke all on all ${kind} in schema ${SCHEMA} from ${grantee}`);
    }
  }
}

/**
 * Creates the schema, within a transaction: a concurrent creation waits here, or at the first table, until this one
 * has ended. A schema made in advance by a trusted role is used.
 *
 * @throws CredctlError `denied` when an untrusted role could put objects into it that run with the rights of this
 *   login
 */
export async function makeSchema(session: PostgresSession, location: string): Promise<void> {
  const found = await firstRow(session, 'select 1 from pg_catalog.pg_namespace where nspname = ?', [SCHEMA]);
  if (found === null) return void (await session.execute(`create schema ${SCHEMA}`));
  await requireOwn(session, location);
}

/**
 * Checks, within a transaction, that no untrusted role owns, or has objects or rights in, a schema without a store.
 *
 * @throws CredctlError `denied`
 */
export async function requireOwn(session: PostgresSession, location: string): Promise<void> {
  const { rows } = await session.execute(ASK_DOUBTS_OF_NEW);
  const distrusted = distrustOf(rows as readonly Doubt[]);
  if (distrusted.length > 0) throw refusal(location, distrusted);
  await session.execute(`set local search_path = ${SEARCH_PATH}`);
}

/** SQLSTATEs of a schema or table that a concurrent transaction has created. */
const TAKEN = /^(?:23505|42P06|42P07)$/;

/** Whether a concurrent transaction has created the schema or its first table. */
export function isTaken(fault: unknown): boolean {
  const state = sqlStateOf(fault);
  return state !== null && TAKEN.test(state);
}

function unusable(location: string, fact: string, hint: string): CredctlError {
  return new CredctlError('store_unavailable', `${location} ${fact}`, { hint });
}
