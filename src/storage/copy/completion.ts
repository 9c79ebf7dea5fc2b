import { CredctlError } from '../../domain/errors.js';
import { trailFault } from '../../domain/ports/audit-port.js';
import type { CopyCompletion } from '../../domain/ports/copy-port.js';
import { verifyAuditTrail } from '../sql/audit-trail.js';
import type { SqlConnection } from '../sql/connection.js';
import { SqlTransaction } from '../sql/transaction.js';
import { UNFINISHED } from '../sql/unfinished-copy.js';

/** Makes a store of its own of a copy whose rows are all there, inside a transaction; what its trail comes to. */
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
