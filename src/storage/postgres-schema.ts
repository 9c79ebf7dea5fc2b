import { CredctlError } from '../domain/errors.js';
import type { NewStore } from '../domain/store-port.js';
import { firstRow, type SqlConnection } from './connection.js';
import { UNFINISHED } from './copying/unfinished-copy.js';
import { OlderSchema } from './older-schema.js';
import { DATABASE_TIME } from './postgres-clock.js';
import { type PostgresPool, type PostgresSession, SCHEMA } from './postgres-pool.js';
import { inTransaction } from './postgres-transaction.js';
import { SCHEMA_NUMBER } from './schema-number.js';

/** The oldest server that the program is tested with, as `server_version_num`. */
const OLDEST_SERVER = 140_000;

/** Taken by whoever makes or migrates a store, so that the second one finds the first one's. "cctl" in ASCII. */
export const MAKE_LOCK = `select pg_advisory_xact_lock(${0x63_63_74_6c})`;

/** What there is in a database, and what the login may do with it. */
interface Findings {
  readonly server: number;
  readonly encoding: string;
  readonly is_closed: number;
  readonly tables: number;
  readonly has_number: number;
  readonly has_copy: number;
  readonly may_change: number;
  readonly now: number;
}

/** Every right is asked for by the catalog's own means, so that whoever has none gets an answer too. */
const LOOK = `select current_setting('server_version_num')::int as server,
    current_setting('server_encoding') as encoding,
    ${DATABASE_TIME} as now,
    (select count(*) from pg_namespace where nspname = '${SCHEMA}' and not has_schema_privilege(oid, 'usage'))
      as is_closed,
    count(c.oid) as tables,
    count(*) filter (where c.relname = 'schema_number') as has_number,
    count(*) filter (where c.relname = '${UNFINISHED}') as has_copy,
    count(*) filter (where c.relname = 'audit_head' and has_table_privilege(c.oid, 'update')) as may_change
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
  where n.nspname = '${SCHEMA}' and c.relkind in ('r', 'v', 'm', 'S', 'f', 'p')`;

/** What there is in the schema of the store. */
export type Present =
  | { readonly state: 'nothing' }
  /** A copy that is not complete. */
  | { readonly state: 'unfinished' }
  | { readonly state: 'store'; readonly schema: number; readonly mayChange: boolean };

/**
 * Looks whether there is a store in the database that this program can use.
 *
 * @returns null when there is none
 * @throws CredctlError `store_unavailable` when it is a newer or an older one, or the schema is somebody else's
 */
export async function inspectDatabase(pool: PostgresPool): Promise<{ readonly mayChange: boolean } | null> {
  return inspect(pool.connection, pool);
}

async function inspect(
  connection: SqlConnection,
  { location, clock }: Pick<PostgresPool, 'location' | 'clock'>,
): Promise<{ readonly mayChange: boolean } | null> {
  const found = await lookInto(connection, location, clock);
  if (found.state === 'nothing') return null;
  if (found.state === 'unfinished') {
    throw unusable(
      location,
      'holds a copy that is not complete',
      "go on with it by the same 'credctl store copy', or remove it: drop schema credctl cascade",
    );
  }
  if (found.schema < SCHEMA_NUMBER) throw new OlderSchema(location, found.schema);
  return { mayChange: found.mayChange };
}

/**
 * Looks what there is in the database, stores of an older schema included.
 *
 * @throws CredctlError `store_unavailable` when there is a newer store, or the schema is somebody else's
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
    throw unusable(location, `is encoded in ${found.encoding}`, "make a database with encoding 'UTF8'");
  }
  if (found.is_closed > 0) {
    throw new CredctlError('denied', `${location} does not let this login use the store`, {
      hint: 'it takes a role in it: credctl store grant ROLE --to DBROLE',
    });
  }
  if (found.has_number === 0) {
    if (found.tables === 0) return { state: 'nothing' };
    if (found.has_copy > 0) return { state: 'unfinished' };
    throw unusable(
      location,
      `has a schema ${SCHEMA} that is not a credctl store`,
      'name another database; this one was left untouched',
    );
  }
  const row = await firstRow<{ value: number }>(connection, 'select value from schema_number');
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
  return { state: 'store', schema: row.value, mayChange: found.may_change > 0 };
}

/**
 * Makes a store with its first rows, in one transaction.
 *
 * @param now epoch milliseconds
 * @returns whether this call made it; false when somebody else was faster
 */
export async function createStore(
  pool: PostgresPool,
  store: NewStore & { readonly id: string },
  now: number,
): Promise<boolean> {
  const [
    { followCatalog },
    { seedStore },
    { kyselyOn },
    { NUMBER_TABLE },
    { createTextIndex },
    { createFunctions },
  ] = await Promise.all([
    import('./postgres/api-lifetimes.js'),
    import('./seed.js'),
    import('./postgres-dialect.js'),
    import('./postgres-tables.js'),
    import('./postgres-text-index.js'),
    import('./postgres/functions.js'),
  ]);
  return inTransaction(pool, MAKE_LOCK, async (session) => {
    if ((await inspect(session, pool)) !== null) return false;
    await makeSchema(session);
    await session.execute(
      `${NUMBER_TABLE}; insert into schema_number (id, value) values (1, ${SCHEMA_NUMBER})`,
    );
    await seedStore(kyselyOn(session), session, store, now);
    await followCatalog(session);
    await createFunctions(session);
    await createTextIndex(session);
    return true;
  });
}

/** A schema that the database's owner has made for the purpose will do. */
export async function makeSchema(session: PostgresSession): Promise<void> {
  const found = await firstRow(session, 'select 1 from pg_namespace where nspname = ?', [SCHEMA]);
  if (found === null) await session.execute(`create schema ${SCHEMA}`);
}

function unusable(location: string, fact: string, hint: string): CredctlError {
  return new CredctlError('store_unavailable', `${location} ${fact}`, { hint });
}
