import type { Dialect } from '../dialects.js';
import { LAST_TIME } from '../tables.js';

/**
 * Schema 4: CHECK constraints reject times of uses and tokens that are no valid dates, and foreign keys no longer
 * make changes wait for servers that record them. In SQLite, where anything can be written to the file, the times
 * are only corrected.
 */
export function boundTimes({ engine }: Dialect): readonly string[] {
  return engine === 'postgres' ? [...IN_POSTGRES, ...BOUNDS, ...UNTIED] : IN_SQLITE;
}

/** Invalid times can only be those of uses: they become the present time, which the next use replaces. */
const IN_POSTGRES = [
  `update last_use set last_used_at = floor(extract(epoch from now()) * 1000::numeric)::bigint
    where last_used_at not between 0 and ${LAST_TIME}`,
  'update last_use set first_used_at = last_used_at where first_used_at not between 0 and last_used_at',
  'update last_use set last_used_from = null where length(last_used_from) not between 1 and 64',
  `delete from access_token
    where issued_at < 0 or expires_at not between issued_at and ${LAST_TIME}`,
];

const BOUNDS = [
  `alter table last_use add constraint last_use_times check (last_used_at between 0 and ${LAST_TIME}
      and (first_used_at is null or first_used_at between 0 and last_used_at)),
    add constraint last_use_from check (length(last_used_from) between 1 and 64)`,
  `alter table access_token add constraint access_token_times
    check (issued_at >= 0 and expires_at between issued_at and ${LAST_TIME})`,
];

/**
 * Queue of deleted credentials whose uses and tokens are still to be removed. Those rows have no effect any more; a
 * server may hold them locked, and a deletion waits for no lock. `wiped_from` is the id of a transaction that began
 * after the deletion; null until the first sweep.
 */
const LEFTOVER_TABLE =
  'create table leftover (credential_key integer primary key, version_ids text collate "C" not null, wiped_from xid8)';

/**
 * Token lifetimes by API id and alias, derived from the catalog: functions look them up here instead of parsing the
 * catalog, which may be long.
 */
const LIFETIMES_TABLE =
  'create table api_lifetime (api text collate "C" primary key, seconds bigint not null)';

/** Inserts the missing use record of every version; servers only update these records. */
export const UNUSED_VERSIONS = `insert into last_use (credential_key, number, first_used_at, last_used_at)
  select v.credential_key, v.number, null, 0 from version v on conflict do nothing`;

/**
 * A foreign key locks the referenced row (FOR KEY SHARE) until the inserting transaction ends, which blocks its
 * deletion. So rows that servers write have no foreign keys, and use records are created beforehand.
 */
const UNTIED = [
  'alter table last_use drop constraint last_use_credential_key_fkey',
  'alter table access_token drop constraint access_token_version_id_fkey',
  LEFTOVER_TABLE,
  LIFETIMES_TABLE,
  UNUSED_VERSIONS,
];

const IN_SQLITE = [
  `update last_use set last_used_at = cast(strftime('%s', 'now') as integer) * 1000
    where typeof(last_used_at) <> 'integer' or last_used_at not between 0 and ${LAST_TIME}`,
  `update last_use set first_used_at = last_used_at
    where first_used_at is not null and (typeof(first_used_at) <> 'integer' or first_used_at not between 0 and last_used_at)`,
  `delete from access_token where typeof(expires_at) <> 'integer' or typeof(issued_at) <> 'integer'
    or issued_at < 0 or expires_at not between issued_at and ${LAST_TIME}`,
];
