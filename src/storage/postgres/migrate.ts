import { CredctlError } from '../../domain/errors.js';
import type { MigratableStore, Migrated } from '../../domain/ports/migration-port.js';
import type { Author } from '../../domain/ports/ports.js';
import { POSTGRES } from '../schema/dialects.js';
import { SCHEMA_NUMBER } from '../schema/number.js';
import { schemaStatements } from '../schema/statements.js';
import { recordMigration } from '../sql/record-migration.js';
import { PATIENT_ANSWER_MS, PostgresPool, type PostgresSession, SCHEMA } from './connection/pool.js';
import { parsePostgresUrl } from './connection/url.js';
import { followCatalog } from './functions/api-lifetimes.js';
import { createFunctions } from './functions/functions.js';
import { requireOwnership } from './roles/grant.js';
import { keepingRights } from './roles/rights.js';
import { STORE_TABLES } from './schema/known-tables.js';
import { lookInto } from './schema/schema.js';
import { createTextIndex } from './schema/text-index.js';
import { inTransaction } from './transaction.js';

/**
 * Table lock of a migration. A concurrent migration waits until the first has finished, and no timeout cuts a long
 * one off. SHARE ROW EXCLUSIVE needs rights that only the table's owner has, and does not block readers.
 */
const LOCK = `set local statement_timeout = 0; set local idle_in_transaction_session_timeout = 0;
  set local lock_timeout = 0; lock table ${SCHEMA}.schema_number in share row exclusive mode; set local lock_timeout = '10s'`;

/**
 * The store in a database, as one to be migrated.
 *
 * @throws CredctlError `store_unavailable` when there is none
 */
export async function migratablePostgres(url: string): Promise<MigratableStore> {
  const pool = new PostgresPool(parsePostgresUrl(url, process.env));
  try {
    const from = await schemaIn(pool);
    return {
      engine: 'postgres',
      location: pool.location,
      plan: async () => ({ from, to: SCHEMA_NUMBER }),
      async migrate(author, now) {
        if (from === SCHEMA_NUMBER) return { from, to: SCHEMA_NUMBER, backup: null, attested: null };
        await pool.use((session) => requireOwnership(session, 'migrate it'));
        return inTransaction(pool, LOCK, (session) => migrate(session, pool, author, now), PATIENT_ANSWER_MS);
      },
      close: () => pool.close(),
    };
  } catch (fault) {
    await pool.close().catch(() => {});
    throw fault;
  }
}

async function schemaIn(pool: PostgresPool): Promise<number> {
  const found = await lookInto(pool.connection, pool.location);
  if (found.state === 'store') return found.schema;
  throw new CredctlError('store_unavailable', `there is no store in ${pool.location}`, {
    hint: "check the URL, or create a store with 'credctl store init'",
  });
}

async function migrate(
  session: PostgresSession,
  pool: PostgresPool,
  author: Author,
  now: number,
): Promise<Migrated> {
  const found = await lookInto(session, pool.location);
  const from = found.state === 'store' ? found.schema : SCHEMA_NUMBER;
  const migrated = { from, to: SCHEMA_NUMBER, backup: null };
  // A concurrent migration has finished first.
  if (from === SCHEMA_NUMBER) return { ...migrated, attested: null };
  // Takes the row lock of every change, so that no change runs halfway through the migration.
  await session.execute('select 1 from audit_head where id = 1 for update');
  await keepingRights(session, async () => {
    for (const statement of schemaStatements(POSTGRES, { from })) await session.run(statement, []);
    await followCatalog(session);
    await createFunctions(session);
    await createTextIndex(session);
  });
  await session.execute(`update schema_number set value = ${SCHEMA_NUMBER}`);
  // New tables have no statistics until autovacuum analyzes them, and the first queries come before that.
  await session.execute(`analyze ${STORE_TABLES.map((name) => `${SCHEMA}.${name}`).join(', ')}`);
  return recordMigration(session, author, migrated, now);
}
