import { BASE62, consistsOf, NOW, REQUIRE_PRESENT, type SchemaFunction } from './schema-function.js';

/**
 * Records uses of versions and of their credentials: never in the future, never over a later use. SKIP LOCKED, so
 * it waits for no row lock; returns the versions whose record is locked. The record of each version and credential
 * exists beforehand, so none is inserted after a concurrent deletion.
 */
export const RECORD_USES: SchemaFunction = {
  name: 'record_uses',
  arguments: 'versions text[], firsts bigint[], lasts bigint[], addresses text[]',
  returns: 'SETOF text',
  language: 'plpgsql',
  volatility: 'volatile',
  body: `
#variable_conflict use_column
declare
  this_moment bigint := ${NOW};
begin
  ${REQUIRE_PRESENT}
  return query
  with used as materialized (
    select h.version_id, h.credential_key, h.number, greatest(least(u.first, u.last, this_moment), 0) as first,
        greatest(least(u.last, this_moment), 0) as last,
        case when ${consistsOf('u.address', `${BASE62}:.%_-`)} and pg_catalog.length(u.address) between 1 and 64
          then u.address end as address
      from unnest(versions, firsts, lasts, addresses) as u (version, first, last, address)
        join credctl.version_hash h on h.version_id = u.version
      where u.last is not null and h.number > 0
  ), record as materialized (
    select credential_key, number, first, last, address from used
    union all (
      select distinct on (credential_key) credential_key, 0, null::bigint, last, address
        from used order by credential_key, last desc)
  ), held as materialized (
    select l.credential_key, l.number
      from credctl.last_use l join record r on r.credential_key = l.credential_key and r.number = l.number
      order by l.credential_key, l.number for update of l skip locked
  ), written as (
    update credctl.last_use l set last_used_at = r.last, last_used_from = r.address,
        first_used_at = case when r.first is not null then least(coalesce(l.first_used_at, r.first), r.last) end
      from record r join held d on d.credential_key = r.credential_key and d.number = r.number
      where l.credential_key = r.credential_key and l.number = r.number
        and (l.last_used_at < r.last or l.last_used_at > this_moment)
  )
  select u.version_id from used u
    join credctl.last_use l on l.credential_key = u.credential_key and l.number = u.number
    where not exists (select 1 from held d where d.credential_key = u.credential_key and d.number = u.number);
end
`,
};
