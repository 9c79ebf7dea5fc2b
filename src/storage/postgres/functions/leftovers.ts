import type { Finding } from '../../../domain/ports/store-port.js';
import type { Ask } from '../../check/check.js';
import { error } from '../../check/finding.js';
import { firstRow, type SqlConnection } from '../../sql/connection.js';

/** Upper bounds: credentials in one sweep, and tokens removed by one statement. */
const AT_ONCE = 100;
const TOKENS_AT_ONCE = 5_000;

/** What a deletion leaves to be removed after its commit. */
export interface Leftover {
  readonly key: number;
  readonly versionIds: readonly string[];
}

/** Queues it, in the transaction of the deletion. */
export function noteLeftover(connection: SqlConnection, { key, versionIds }: Leftover): Promise<void> {
  return connection.run('insert into leftover (credential_key, version_ids) values (?, ?)', [
    key,
    JSON.stringify(versionIds),
  ]);
}

/** SQL condition: whether the queue has entries. */
export const HAS_LEFTOVERS = 'exists (select 1 from credctl.leftover)';

/** The version ids of a row, parsed so that no content of it can raise an error. */
const idsOf = (row: string) =>
  `pg_catalog.string_to_array(pg_catalog.translate(${row}.version_ids, '[]" ', ''), ',')`;

/** Condition for tokens `t` of the row's versions that are deleted, whatever else the row names. */
const isToken = (row: string) => `t.version_id = any (${idsOf(row)})
  and not exists (select 1 from credctl.version_hash h where h.version_id = t.version_id)`;

const isDeleted = (row: string) =>
  `not exists (select 1 from credctl.credential c where c.key = ${row}.credential_key)`;

const HAS_USES = 'exists (select 1 from credctl.last_use u where u.credential_key = l.credential_key)';

const HAS_TOKENS = `exists (select 1 from credctl.access_token t where ${isToken('l')})`;

/**
 * SQL condition: whether rows of deleted credentials are visible; after a sweep, these are locked by other
 * sessions.
 */
export const SEES_LEFTOVERS = `exists (select 1 from credctl.leftover l where ${isDeleted('l')} and (${HAS_USES} or ${HAS_TOKENS}))`;

/** Queued deletions that no sweep has marked yet; to be read before the sweep's transaction has its id. */
export async function unmetLeftovers(connection: SqlConnection): Promise<readonly number[]> {
  const rows = await connection.all<{ key: number }>(
    'select credential_key as key from credctl.leftover where wiped_from is null order by credential_key',
    [],
  );
  return rows.map(({ key }) => key);
}

/**
 * Removes queued rows, skipping those that other sessions have locked, within a transaction. MVCC: rows inserted by
 * a transaction older than the deletion become visible only at its commit, so an entry stays queued while such a
 * transaction is in progress.
 *
 * @param unmet what {@link unmetLeftovers} answered before the transaction
 */
export async function sweepLeftovers(connection: SqlConnection, unmet: readonly number[]): Promise<void> {
  for (const key of unmet) {
    await connection.run(
      `update credctl.leftover set wiped_from = pg_catalog.pg_current_xact_id()
        where credential_key = ? and wiped_from is null`,
      [key],
    );
  }
  const found = await connection.all<{ key: number }>(
    `select credential_key as key from credctl.leftover l where ${isDeleted('l')}
      order by credential_key limit ${AT_ONCE} for update of l skip locked`,
    [],
  );
  for (const { key } of found) {
    await connection.run(
      `delete from credctl.last_use u where u.credential_key = ? and u.number in (select w.number from credctl.last_use w
        where w.credential_key = ? for update skip locked)`,
      [key, key],
    );
    while (await sweepTokens(connection, key));
    await connection.run(
      `delete from credctl.leftover l where l.credential_key = ? and not ${HAS_USES} and not ${HAS_TOKENS}
        and (l.wiped_from <= pg_catalog.pg_snapshot_xmin(pg_catalog.pg_current_snapshot())
          or l.wiped_from > pg_catalog.pg_current_xact_id())`,
      [key],
    );
  }
}

/** @returns whether there may be more */
async function sweepTokens(connection: SqlConnection, key: number): Promise<boolean> {
  const row = await firstRow<{ gone: number }>(
    connection,
    `with held as materialized (
        select t.id from credctl.leftover l join credctl.access_token t on ${isToken('l')}
          where l.credential_key = ? limit ${TOKENS_AT_ONCE} for update of t skip locked
      ), gone as (delete from credctl.access_token t using held h where t.id = h.id returning 1)
      select count(*) as gone from gone`,
    [key],
  );
  return row?.gone === TOKENS_AT_ONCE;
}

/** Findings on queued rows, and on rows that belong to no credential without being queued. */
export async function leftoverFindings(ask: Ask): Promise<readonly Finding[]> {
  const [row] = await ask<{ n: number; planted: number; tokens: number }>(
    `select (select count(*) from credctl.leftover l where ${isDeleted('l')} and (${HAS_USES} or ${HAS_TOKENS})) as n,
      (select count(*) from credctl.leftover l where ${IS_PLANTED}) as planted,
      (select count(*) from credctl.access_token t where ${IS_ORPHAN}) as tokens`,
  );
  const { n, planted, tokens } = row ?? { n: 0, planted: 0, tokens: 0 };
  const left: Finding = {
    check: 'leftovers',
    severity: 'note',
    message: `access tokens or uses of deleted credentials still exist; they do not work (credentials: ${n})`,
    fix: 'the next change removes them, unless another session holds them: look in pg_stat_activity for a session that is idle in transaction',
  };
  return [
    ...(n === 0 ? [] : [left]),
    ...(planted === 0
      ? []
      : [
          error(
            'leftovers',
            `the table leftover names credentials that were never deleted; nothing of them is lost (rows: ${planted})`,
            `as the owner of the store, run: delete from credctl.leftover l where ${oneLine(IS_PLANTED)}; find out who changed the store without credctl`,
          ),
        ]),
    ...(tokens === 0
      ? []
      : [
          error(
            'orphans',
            `an access token belongs to no secret, and does not work (${tokens} in all)`,
            `as the owner of the store, run: delete from credctl.access_token t where ${oneLine(IS_ORPHAN)}; find out who changed the store without credctl`,
          ),
        ]),
  ];
}

const IS_PLANTED = `not (${isDeleted('l')})
  or exists (select 1 from credctl.version_hash h where h.version_id = any (${idsOf('l')}))`;

const IS_ORPHAN = `not exists (select 1 from credctl.version_hash h where h.version_id = t.version_id)
  and not exists (select 1 from credctl.leftover w where t.version_id = any (${idsOf('w')}))`;

function oneLine(sql: string): string {
  return sql.replace(/\s+/g, ' ');
}
