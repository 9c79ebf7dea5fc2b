import type { Finding } from '../../domain/store-port.js';
import type { Ask } from '../check.js';
import { firstRow, type SqlConnection } from '../connection.js';

/**
 * Deleted credentials whose uses and tokens are still to be wiped. None of those rows counts for anything any more; but
 * whoever records uses and tokens may hold them locked, and a deletion waits for nobody.
 */
export const LEFTOVER_TABLE =
  'create table leftover (credential_key integer primary key, version_ids text collate "C" not null)';

/** Credentials that one sweep is about at most, and tokens that one statement removes. */
const AT_ONCE = 100;
const TOKENS_AT_ONCE = 5_000;

/** What a deletion leaves to be wiped once it is committed. */
export interface Leftover {
  readonly key: number;
  readonly versionIds: readonly string[];
}

/** Notes it in the transaction of the deletion. */
export function noteLeftover(connection: SqlConnection, { key, versionIds }: Leftover): Promise<void> {
  return connection.run('insert into leftover (credential_key, version_ids) values (?, ?)', [
    key,
    JSON.stringify(versionIds),
  ]);
}

/** Whether something is left to be wiped, as SQL. */
export const HAS_LEFTOVERS = 'exists (select 1 from leftover)';

/** Wipes what is left, but for rows that another session holds, within a transaction. */
export async function sweepLeftovers(connection: SqlConnection): Promise<void> {
  const found = await connection.all<{ key: number; versions: string }>(
    `select credential_key as key, version_ids as versions from leftover order by credential_key limit ${AT_ONCE}
      for update skip locked`,
    [],
  );
  for (const { key, versions } of found) {
    await connection.run(
      `delete from last_use u where u.credential_key = ? and u.number in (select w.number from last_use w
        where w.credential_key = ? for update skip locked)`,
      [key, key],
    );
    while (await sweepTokens(connection, versions));
    await connection.run(
      `delete from leftover l where l.credential_key = ?
        and not exists (select 1 from last_use u where u.credential_key = l.credential_key)
        and not exists (select 1 from access_token t where t.version_id in
          (select i.id from pg_catalog.jsonb_array_elements_text(l.version_ids::jsonb) as i (id)))`,
      [key],
    );
  }
}

/** @returns whether there may be more */
async function sweepTokens(connection: SqlConnection, versions: string): Promise<boolean> {
  const row = await firstRow<{ gone: number }>(
    connection,
    `with held as materialized (
        select t.id from access_token t where t.version_id in
          (select i.id from pg_catalog.jsonb_array_elements_text(?::jsonb) as i (id))
          limit ${TOKENS_AT_ONCE} for update of t skip locked
      ), gone as (delete from access_token t using held h where t.id = h.id returning 1)
      select count(*) as gone from gone`,
    [versions],
  );
  return row?.gone === TOKENS_AT_ONCE;
}

/** What a check says of them. */
export async function leftoverNotes(ask: Ask): Promise<readonly Finding[]> {
  const [row] = await ask<{ n: number }>('select count(*) as n from leftover');
  const n = row?.n ?? 0;
  if (n === 0) return [];
  return [
    {
      check: 'leftovers',
      severity: 'note',
      message: `tokens or uses of what was deleted are still there, and good for nothing (credentials: ${n})`,
      fix: 'the next change wipes them, unless another session holds them: look at pg_stat_activity for one that is idle in transaction',
    },
  ];
}
