import { setTimeout as sleep } from 'node:timers/promises';
import { CredctlError } from '../../../domain/errors.js';
import { firstRow, type SqlConnection } from '../../sql/connection.js';

/** How often a record is tried that somebody else is just writing, and how long is waited in between. */
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
 * Notes a use as somebody who may change the store, while all others who may are kept waiting: never waits for a server
 * that holds the record.
 *
 * @throws CredctlError `store_unavailable` when it is held for long
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

/** Nothing is recorded of a version that is gone. */
async function isRecorded(connection: SqlConnection, versionId: string): Promise<boolean> {
  const row = await firstRow(
    connection,
    `select 1 from last_use l join version_hash h on h.credential_key = l.credential_key and h.number = l.number
      where h.version_id = ?`,
    [versionId],
  );
  return row !== null;
}

/** Why a use was not recorded. */
export function heldUse(): CredctlError {
  return new CredctlError('store_unavailable', 'another session holds the record of its uses', {
    hint: 'try again; docs/postgresql.md says how to end a session that does not let go',
  });
}
