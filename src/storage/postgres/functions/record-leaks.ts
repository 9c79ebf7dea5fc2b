import { LEAK_SOURCES, LONGEST_PLACE, MOST_PLACES } from '../../../domain/leak/leak.js';
import { BASE62, consistsOf, NOW, REQUIRE_PRESENT, type SchemaFunction } from './schema-function.js';

/** Upper bound of leaks in one call. */
export const MOST_LEAKS = 100;

/**
 * Upper bound of open leaks of access tokens, and of secrets that the store does not find. Those of its versions are
 * as many as these at most.
 */
export const MOST_UNKNOWN = 1_000;

/** Milliseconds to wait for an uncommitted leak of the same handle. */
const PATIENCE_MS = 50;

/** The credential and the number of a version `v` that is found in this way. */
const versionIn = (rank: number, from: string, condition: string): string =>
  `select ${rank} as rank, c.id as credential, v.number from ${from} where ${condition}`;

const OF_HASH = `credctl.version v on v.credential_key = h.credential_key and v.number = h.number and v.id = h.version_id
          join credctl.credential c on c.key = v.credential_key`;

/** What the store finds by the handle comes first; what the caller says is taken where there is such a version. */
const KNOWN = [
  versionIn(
    1,
    `credctl.version_hash h join ${OF_HASH}`,
    `h.version_id = f.secret_id and f.kind = case c.type when 'oauth2' then 'sec' else 'key' end`,
  ),
  versionIn(
    2,
    `credctl.access_token t join credctl.version_hash h on h.version_id = t.version_id join ${OF_HASH}`,
    `t.id = f.secret_id and f.kind = 'tok'`,
  ),
  versionIn(
    3,
    'credctl.credential c join credctl.version v on v.credential_key = c.key',
    'c.id = f.credential and v.number = f.version',
  ),
].join(`
        union all `);

const ADDED = `case when place is null or known.places @> place then known.places
            when pg_catalog.jsonb_array_length(known.places) < ${MOST_PLACES} then known.places || place
            else (known.places - (-1)) || place end`;

/**
 * Records found leaks: one open row a handle of this store's prefix, never in the future, with bounded texts. Waits
 * for no row lock, and briefly for an insert of the same handle; returns the handles that are locked.
 */
export const RECORD_LEAKS: SchemaFunction = {
  name: 'record_leaks',
  arguments:
    'handles text[], credentials text[], versions integer[], sources text[], found_places text[], times bigint[]',
  returns: 'SETOF text',
  language: 'plpgsql',
  volatility: 'volatile',
  body: `
#variable_conflict use_column
declare
  this_moment bigint := ${NOW};
  patience text := pg_catalog.current_setting('lock_timeout');
  leaked record;
  known record;
  place jsonb;
begin
  ${REQUIRE_PRESENT}
  if pg_catalog.cardinality(handles) > ${MOST_LEAKS} then
    raise exception 'these are too many leaks at once' using errcode = '54000';
  end if;
  perform pg_catalog.set_config('lock_timeout', '${PATIENCE_MS}ms', true);
  for leaked in
    select f.handle, f.kind, f.source, f.place, greatest(least(f.at, this_moment), 0) as at, k.credential, k.number
      from (
        select u.handle, pg_catalog.split_part(u.handle, '_', 2) as kind, pg_catalog.split_part(u.handle, '_', 3) as secret_id,
            u.credential, u.version, u.source, u.place, u.at, u.position
          from unnest(handles, credentials, versions, sources, found_places, times)
            with ordinality as u (handle, credential, version, source, place, at, position)
          where u.at is not null and u.source in (${LEAK_SOURCES.map((source) => `'${source}'`).join(', ')})
      ) f
        left join lateral (${KNOWN} order by rank limit 1) k on true
      where f.kind in ('key', 'sec', 'tok') and ${consistsOf('f.secret_id', BASE62)}
        and pg_catalog.length(f.secret_id) = 12
        and f.handle = (select pg_catalog.concat_ws('_', s.prefix, f.kind, f.secret_id) from credctl.store s where s.id = 1)
      order by f.handle, f.position
  loop
    place := case when pg_catalog.length(leaked.place) between 1 and ${LONGEST_PLACE}
      then pg_catalog.to_jsonb(leaked.place) end;
    begin
      select l.id, l.places::jsonb as places into known from credctl.leak l
        where l.handle = leaked.handle and l.closed_at is null for update skip locked;
      if found then
        update credctl.leak l set last_found_at = greatest(l.last_found_at, leaked.at),
            places = (${ADDED})::text,
            place_count = l.place_count + case when place is null or known.places @> place then 0 else 1 end
          where l.id = known.id;
      elsif exists (select 1 from credctl.leak l where l.handle = leaked.handle and l.closed_at is null) then
        return next leaked.handle;
      elsif (leaked.kind = 'tok' or leaked.credential is null) and (select count(*) from credctl.leak l
          where l.closed_at is null and (l.kind = 'tok' or l.credential_id is null)) >= ${MOST_UNKNOWN} then
        null;
      else
        insert into credctl.leak (handle, kind, credential_id, version, source, places, place_count, first_found_at, last_found_at)
          values (leaked.handle, leaked.kind, leaked.credential, leaked.number, leaked.source,
            (case when place is null then '[]'::jsonb else pg_catalog.jsonb_build_array(place) end)::text,
            case when place is null then 0 else 1 end, leaked.at, leaked.at)
          on conflict (handle) where closed_at is null do nothing;
        if not found then
          return next leaked.handle;
        end if;
      end if;
    exception when lock_not_available then
      return next leaked.handle;
    end;
  end loop;
  perform pg_catalog.set_config('lock_timeout', patience, true);
end
`,
};
