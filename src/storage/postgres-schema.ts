import { CredctlError } from '../domain/errors.js';
import type { NewStore } from '../domain/store-port.js';
import { firstRow, type SqlConnection } from './connection.js';
import { type PostgresPool, type PostgresSession, SCHEMA } from './postgres-pool.js';
import { inTransaction } from './postgres-transaction.js';
import { SCHEMA_NUMBER } from './schema-number.js';

/** The oldest server that the program is tested with, as `server_version_num`. */
const OLDEST_SERVER = 140_000;

/** Taken by whoever makes a store, so that the second one finds the first one's. "cctl" in ASCII. */
const CREATION_LOCK = 0x63_63_74_6c;

/** What there is in a database, and what the login may do with it. */
interface Findings {
  readonly server: number;
  readonly encoding: string;
  readonly is_closed: number;
  readonly tables: number;
  readonly has_number: number;
  readonly may_change: number;
}

/** Every right is asked for by the catalog's own means, so that whoever has none gets an answer too. */
const LOOK = `select current_setting('server_version_num')::int as server,
    current_setting('server_encoding') as encoding,
    (select count(*) from pg_namespace where nspname = '${SCHEMA}' and not has_schema_privilege(oid, 'usage'))
      as is_closed,
    count(c.oid) as tables,
    count(*) filter (where c.relname = 'schema_number') as has_number,
    count(*) filter (where c.relname = 'audit_head' and has_table_privilege(c.oid, 'update')) as may_change
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
  where n.nspname = '${SCHEMA}' and c.relkind in ('r', 'v', 'm', 'S', 'f', 'p')`;

/**
 * Looks whether there is a store in the database.
 *
 * @returns null when there is none
 * @throws CredctlError `store_unavailable` when it is a newer one, or the schema is somebody else's
 */
export async function inspectDatabase(pool: PostgresPool): Promise<{ readonly mayChange: boolean } | null> {
  return inspect(pool.connection, pool.location);
}

async function inspect(
  connection: SqlConnection,
  location: string,
): Promise<{ readonly mayChange: boolean } | null> {
  const found = await firstRow<Findings>(connection, LOOK);
  if (found === null) throw new TypeError('a count has a row');
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
    if (found.tables === 0) return null;
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
  return { mayChange: found.may_change > 0 };
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
  const [{ seedStore }, { kyselyOn }, { NUMBER_TABLE }, { createTextIndex }] = await Promise.all([
    import('./seed.js'),
    import('./postgres-dialect.js'),
    import('./postgres-tables.js'),
    import('./postgres-text-index.js'),
  ]);
  return inTransaction(pool, `select pg_advisory_xact_lock(${CREATION_LOCK})`, async (session) => {
    if ((await inspect(session, pool.location)) !== null) return false;
    await makeSchema(session);
    await session.execute(
      `${NUMBER_TABLE}; insert into schema_number (id, value) values (1, ${SCHEMA_NUMBER})`,
    );
    await seedStore(kyselyOn(session), session, store, now);
    await createTextIndex(session);
    return true;
  });
}

/** A schema that the database's owner has made for the purpose will do. */
async function makeSchema(session: PostgresSession): Promise<void> {
  const found = await firstRow(session, 'select 1 from pg_namespace where nspname = ?', [SCHEMA]);
  if (found === null) await session.execute(`create schema ${SCHEMA}`);
}

function unusable(location: string, fact: string, hint: string): CredctlError {
  return new CredctlError('store_unavailable', `${location} ${fact}`, { hint });
}
