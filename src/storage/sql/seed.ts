import { GENESIS_HASH } from '../../domain/audit-event.js';
import type { NewStore } from '../../domain/ports/store-port.js';
import { catalogToStored } from './catalog.js';
import { hashPolicyColumns } from './columns.js';
import { insertRow, type SqlConnection } from './connection.js';
import { SqlTransaction } from './transaction.js';

/**
 * Inserts the first rows of a new store, inside a transaction.
 *
 * @param now epoch milliseconds
 */
export async function seedStore(
  connection: SqlConnection,
  store: NewStore & { readonly id: string },
  now: number,
): Promise<void> {
  await insertRow(connection, 'store', {
    id: 1,
    store_id: store.id,
    prefix: store.prefix,
    ...hashPolicyColumns(store.hashPolicy),
    created_at: now,
    place: null,
    earlier_hashes: null,
  });
  await insertRow(connection, 'generation', { id: 1, value: 1 });
  await insertRow(connection, 'audit_head', { id: 1, seq: 0, hash: GENESIS_HASH });
  await insertRow(connection, 'catalog', {
    id: 1,
    document: catalogToStored(store.catalog),
    updated_at: now,
  });
  const transaction = new SqlTransaction(connection);
  await transaction.appendAudit(
    {
      ...store.author,
      action: 'store.init',
      target: { kind: 'store', id: store.id, name: null },
      details: {
        prefix: store.prefix,
        hash: store.hashPolicy.scheme,
        bcrypt_cost: store.hashPolicy.scheme === 'bcrypt' ? store.hashPolicy.cost : null,
        catalog: store.catalog.name,
      },
    },
    now,
  );
  await transaction.finish();
}
