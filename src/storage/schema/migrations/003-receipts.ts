import type { Dialect } from '../dialects.js';

/**
 * Schema 3: the client address of a last use, when a secret was proven to be received, what a rotation did to the
 * ends of older versions, the store's place, and the credential of each deleted version.
 */
export const noteReceipts = ({ text, keyed }: Dialect): readonly string[] => [
  `alter table last_use add column last_used_from ${text}`,
  'alter table version add column received_at bigint',
  'alter table version add column retired_by integer',
  'alter table version add column retires_before bigint',
  `alter table store add column place ${text}`,
  `create table deleted_version (version_id ${text} primary key, credential_id ${text} not null)${keyed}`,
  INDEX_TOMBSTONES,
];

/**
 * Indexes deleted versions by id. A tombstone lists them as a JSON array of ids of 12 characters: one begins at
 * every 15th character from the third on.
 */
export const INDEX_TOMBSTONES = `insert into deleted_version (version_id, credential_id)
  with recursive listed (credential_id, version_ids, at) as (
    select credential_id, version_ids, 3 from tombstone where length(version_ids) > 2
    union all select credential_id, version_ids, at + 15 from listed where at + 15 < length(version_ids)
  )
  select substr(version_ids, at, 12), credential_id from listed where true on conflict do nothing`;
