import { CredctlError } from '../../domain/errors.js';
import type { MigratableStore, Migrated } from '../../domain/ports/migration-port.js';
import type { Author } from '../../domain/ports/ports.js';
import { POSTGRES } from '../schema/dialects.js';
import { SCHEMA_NUMBER } from '../schema/number.js';
import { recordMigration } from '../schema/record-migration.js';
import { schemaStatements } from '../schema/statements.js';
import { storeTables } from '../schema/store-tables.js';
import { PATIENT_ANSWER_MS, PostgresPool, type PostgresSession, SCHEMA } from './connection/pool.js';
import { parsePostgresUrl } from './connection/url.js';
import { followCatalog } from './functions/api-lifetimes.js';
import { createFunctions } from './functions/functions.js';
import { requireOwnership } from './roles/grant.js';
import { keepingRights } from './roles/rights.js';
import { lookInto } from './schema/schema.js';
import { createTextIndex } from './schema/text-index.js';
import { inTransaction } from './transaction.js';

/**
 * Whoever comes second waits until the first one has finished, and a long migration is not cut off. The table can be locked
 * like this by its owner alone, and is read by others meanwhile.
 */
const LOCK = `set local statement_timeout = 0; set local idle_in_transaction_session_timeout = 0;
  set local lock_timeout = 0; lock table ${SCHEMA}.schema_number in share row exclusive mode; set local lock_timeout = '10s'`;

/** The store in a database, as one to be migrated. @throws CredctlError `store_unavailable` when there is none */
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
    hint: "check the URL, or make one with 'credctl store init'",
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
  // Somebody else has done it meanwhile.
  if (from === SCHEMA_NUMBER) return { ...migrated, attested: null };
  // As every other change, which would otherwise meet half of this one.
  await session.execute('select 1 from audit_head where id = 1 for update');
  await keepingRights(session, async () => {
    for (const statement of schemaStatements(POSTGRES, { from })) await session.run(statement, []);
    await followCatalog(session);
    await createFunctions(session);
    await createTextIndex(session);
  });
  await session.execute(`update schema_number set value = ${SCHEMA_NUMBER}`);
  // Nothing is known yet of tables that are new, and the first questions come before the server looks.
  await session.execute(
    `analyze ${storeTables()
      .map(({ name }) => `${SCHEMA}.${name}`)
      .join(', ')}`,
  );
  return recordMigration(session, author, migrated, now);
}
