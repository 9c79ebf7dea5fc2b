import { CredctlError } from '../../domain/errors.js';
import type { Migrated } from '../../domain/ports/migration-port.js';
import type { Author } from '../../domain/ports/ports.js';
import { maskSecrets } from '../../domain/secret/secret-format.js';
import { firstRow, type SqlConnection } from './connection.js';
import { attestAll } from './trail/attest.js';
import { ToldByTrail } from './trail/told.js';
import { SqlTransaction } from './transaction.js';

/** Since this schema, the trail's events hold every property of a credential. */
const TELLS_ALL = 4;

/**
 * Appends the event of a migration, after attestations where older events lack properties, and increments the
 * generation, so that running processes refresh their caches. Inside the migration's transaction.
 *
 * @throws CredctlError `integrity` when the settings are missing
 */
export async function recordMigration(
  connection: SqlConnection,
  author: Author,
  { from, to, backup }: Omit<Migrated, 'attested'>,
  now: number,
): Promise<Migrated> {
  const row = await firstRow<{ store_id: string }>(connection, 'select store_id from store');
  if (row === null) {
    throw new CredctlError('integrity', 'the settings of the store are missing', {
      hint: "restore the store from a backup with 'credctl store restore'",
    });
  }
  await connection.run('update generation set value = value + 1', []);
  const transaction = new SqlTransaction(connection);
  const attested = from < TELLS_ALL ? await attest(connection, transaction, author, now) : null;
  await transaction.appendAudit(
    {
      ...author,
      action: 'store.migrate',
      target: { kind: 'store', id: row.store_id, name: null },
      details: {
        ...{ from, to, backup: backup === null ? null : maskSecrets(backup) },
        ...(attested === null ? {} : { ...attested, contradicted: attested.contradicted.length }),
      },
    },
    now,
  );
  await transaction.finish();
  return { from, to, backup, attested };
}

async function attest(
  connection: SqlConnection,
  transaction: SqlTransaction,
  author: Author,
  now: number,
): Promise<Migrated['attested']> {
  return attestAll(connection, transaction, { author, now, told: await ToldByTrail.read(connection) });
}
