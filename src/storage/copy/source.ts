import { CredctlError } from '../../domain/errors.js';
import type { CopySource } from '../../domain/ports/copy-port.js';
import { PostgresPool } from '../postgres/connection/pool.js';
import { parsePostgresUrl } from '../postgres/connection/url.js';
import { inspectDatabase } from '../postgres/schema/schema.js';
import { inSnapshot } from '../postgres/snapshot.js';
import { PostgresStore } from '../postgres/store.js';
import { openDatabase } from '../sqlite/connection.js';
import { sqliteFault } from '../sqlite/fault.js';
import { shown } from '../sqlite/file/access.js';
import { sqliteConnection } from '../sqlite/sql-connection.js';
import { openSqliteStore } from '../sqlite/store.js';
import { storeTables } from './store-tables.js';
import { tableReader } from './table-reader.js';

/**
 * Opens the store in a file to be copied.
 *
 * @throws CredctlError `store_unavailable` when there is none
 */
export async function sqliteSource(path: string): Promise<CopySource> {
  const store = openSqliteStore(path);
  if (store === null) throw missing(`at ${shown(path)}`);
  return {
    location: path,
    store,
    tables: storeTables(),
    // A separate connection: its long read transaction does not block writes of the store's own connection.
    async inSnapshot(look) {
      const database = openDatabase(path);
      try {
        database.exec('begin');
        return await look(tableReader(sqliteConnection(database, path)));
      } catch (fault) {
        throw sqliteFault(fault, path);
      } finally {
        database.close();
      }
    },
    close: () => store.close(),
  };
}

/** Leaves out uses and tokens of deleted credentials that are still queued for removal. */
const OF_SOMETHING = new Map([
  ['last_use', 'exists (select 1 from credential c where c.key = last_use.credential_key)'],
  ['access_token', 'exists (select 1 from version_hash h where h.version_id = access_token.version_id)'],
]);

/**
 * Opens the store in a database to be copied.
 *
 * @throws CredctlError `store_unavailable` when there is none
 */
export async function postgresSource(url: string): Promise<CopySource> {
  const pool = new PostgresPool(parsePostgresUrl(url, process.env));
  try {
    const found = await inspectDatabase(pool);
    if (found === null) throw missing(`in ${pool.location}`);
    await found.schema.requirePresent(pool.connection);
    return {
      location: pool.location,
      store: new PostgresStore(pool, found),
      tables: storeTables(),
      inSnapshot: (look) => inSnapshot(pool, (snapshot) => look(tableReader(snapshot, OF_SOMETHING))),
      close: () => pool.close(),
    };
  } catch (fault) {
    await pool.close().catch(() => {});
    throw fault;
  }
}

function missing(where: string): CredctlError {
  return new CredctlError('store_unavailable', `there is no store ${where}`, {
    hint: "check --store, or create a store with 'credctl store init'",
  });
}
