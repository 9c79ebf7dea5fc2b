import { CredctlError } from '../../domain/errors.js';
import { trailFault } from '../../domain/ports/audit-port.js';
import type { CopyCompletion } from '../../domain/ports/copy-port.js';
import { verifyAuditTrail } from '../sql/audit-trail.js';
import type { SqlConnection } from '../sql/connection.js';
import { SqlTransaction } from '../sql/transaction.js';
import { UNFINISHED } from '../sql/unfinished-copy.js';

/**
 * Turns a copy with all rows into a store with its own id, inside a transaction.
 *
 * @returns the end of its verified trail
 * @throws CredctlError `integrity` when the trail is broken
 */
export async function completeCopy(
  connection: SqlConnection,
  { storeId, entry, now }: CopyCompletion,
): Promise<{ readonly events: number; readonly head: string }> {
  await connection.run('update store set store_id = ?, place = null', [storeId]);
  const transaction = new SqlTransaction(connection);
  await transaction.appendAudit(entry, now);
  await transaction.finish();
  const audit = await verifyAuditTrail(connection, null);
  if (!audit.valid) {
    throw new CredctlError('integrity', trailFault(audit), {
      hint: "no copy was made; see 'credctl store check'",
    });
  }
  await connection.run(`drop table ${UNFINISHED}`, []);
  return audit;
}
