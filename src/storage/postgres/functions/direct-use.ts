import { setTimeout as sleep } from 'node:timers/promises';
import { CredctlError } from '../../../domain/errors.js';
import { firstRow, type SqlConnection } from '../../sql/connection.js';

/** Attempts for a record whose row is locked, and milliseconds between two of them. */
const TRIES = 5;
const PAUSE_MS = 20;

const RECORD = `with held as materialized (
    select l.credential_key, l.number from last_use l join version_hash h
        on h.credential_key = l.credential_key and (l.number = h.number or l.number = 0)
      where h.version_id = ? order by l.credential_key, l.number for update of l skip locked
  ), written as (
    update last_use l set last_used_at = u.at, last_used_from = u.address,
        first_used_at = case when l.number > 0 then coalesce(l.first_used_at, u.at) end
      from held d cross join (select ?::bigint as at, ?::text as address) u
      where l.credential_key = d.credential_key and l.number = d.number and l.last_used_at < u.at
  )
  select count(*) filter (where number > 0) as n from held`;

/**
 * Records a use by the login's own rights, in a transaction that holds the write lock: SKIP LOCKED, so it never
 * waits for a server that has locked the record.
 *
 * @param now epoch milliseconds
 * @throws CredctlError `store_unavailable` when the row stays locked
 */
export async function recordDirectly(
  connection: SqlConnection,
  versionId: string,
  now: number,
  from: string | null,
): Promise<void> {
  for (let tries = 1; tries <= TRIES; tries += 1) {
    const row = await firstRow<{ n: number }>(connection, RECORD, [versionId, now, from]);
    if ((row?.n ?? 0) > 0 || !(await isRecorded(connection, versionId))) return;
    await sleep(PAUSE_MS);
  }
  throw heldUse();
}

/** Whether the version has a record; that of a deleted version has not. */
async function isRecorded(connection: SqlConnection, versionId: string): Promise<boolean> {
  const row = await firstRow(
    connection,
    `select 1 from last_use l join version_hash h on h.credential_key = l.credential_key and h.number = l.number
      where h.version_id = ?`,
    [versionId],
  );
  return row !== null;
}

/** The error for a use that was not recorded because its row stayed locked. */
export function heldUse(): CredctlError {
  return new CredctlError('store_unavailable', 'another session has locked the record of its uses', {
    hint: 'try again; docs/database-trust.md says how to end a session that does not let go',
  });
}
