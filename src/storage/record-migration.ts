import { CredctlError } from '../domain/errors.js';
import type { Migrated } from '../domain/migration-port.js';
import type { Author } from '../domain/ports.js';
import { maskSecrets } from '../domain/secret-format.js';
import { firstRow, type SqlConnection } from './connection.js';
import { SqlTransaction } from './transaction.js';

/** Adds the event of a migration, and has running processes look at everything anew, inside its transaction. */
export async function recordMigration(
  connection: SqlConnection,
  author: Author,
  { from, to, backup }: Migrated,
  now: number,
): Promise<void> {
  const row = await firstRow<{ store_id: string }>(connection, 'select store_id from store');
  if (row === null) {
    throw new CredctlError('integrity', 'the store has lost its own settings', {
      hint: "bring it back from a backup with 'credctl store restore'",
    });
  }
  await connection.run('update generation set value = value + 1', []);
  const transaction = new SqlTransaction(connection);
  await transaction.appendAudit(
    {
      ...author,
      action: 'store.migrate',
      target: { kind: 'store', id: row.store_id, name: null },
      details: { from, to, backup: backup === null ? null : maskSecrets(backup) },
    },
    now,
  );
  await transaction.finish();
}
