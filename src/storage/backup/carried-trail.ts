import { GENESIS_HASH } from '../../domain/audit-event.js';
import { CredctlError } from '../../domain/errors.js';
import type { AuditEventTable } from '../schema/tables.js';
import { verifyAuditTrail } from '../sql/audit-trail.js';
import { firstRow, insertRow, type SqlConnection } from '../sql/connection.js';

const BATCH = 1_000;

/** Sequence number and hash of the last event of a verified trail. */
export async function endOfTrail(
  connection: SqlConnection,
): Promise<{ readonly events: number; readonly head: string }> {
  const head = await firstRow<{ seq: number; hash: string }>(connection, 'select seq, hash from audit_head');
  return { events: head?.seq ?? 0, head: head?.hash ?? GENESIS_HASH };
}

/**
 * Appends the events after a backup to those of the backup, so that a head hash noted elsewhere remains part of the
 * chain. Only if the source's trail is intact and contains the backup's head.
 *
 * @param backup number and hash of the last event in `to`
 * @returns whether the trail was continued
 */
export async function continueTrail(
  from: SqlConnection,
  to: SqlConnection,
  backup: { readonly events: number; readonly head: string },
): Promise<boolean> {
  try {
    if (!(await verifyAuditTrail(from, backup.head)).valid) return false;
    for (let after = backup.events; ; ) {
      const rows: readonly AuditEventTable[] = await from.all<AuditEventTable>(
        `select * from audit_event where seq > ? order by seq limit ${BATCH}`,
        [after],
      );
      for (const row of rows) await insertRow(to, 'audit_event', row);
      const last = rows.at(-1);
      if (last !== undefined) {
        await to.run('update audit_head set seq = ?, hash = ?', [last.seq, last.hash]);
        after = last.seq;
      }
      if (rows.length < BATCH) return true;
    }
  } catch (fault) {
    if (fault instanceof CredctlError && fault.code === 'integrity') return false;
    throw fault;
  }
}
