import { RESOURCE_LEVELS } from '../../../domain/scope/catalog.js';
import { LONGEST_ASKED_LIST, LONGEST_LIST, LONGEST_SCOPE } from '../../../domain/scope/token-scopes.js';
import {
  BASE62,
  consistsOf,
  HEXADECIMAL,
  NOW,
  REQUIRE_PRESENT,
  type SchemaFunction,
} from './schema-function.js';

/** Upper bound of tokens in one call. */
export const MOST_TOKENS = 5_000;

/**
 * Regular expression of a scope as JSON, with the ids that a catalog can have. Without repetition counts, which are
 * slow; lengths are checked apart.
 */
const SCOPE = `"[-a-z0-9]+:([-a-z0-9]+|[*])(@(${RESOURCE_LEVELS.join('|')})/[-._A-Za-z0-9]+)?"`;

/** Regular expression of a list of scopes as this program writes it, without escapes. */
const LIST = `^\\[${SCOPE}(,${SCOPE})*\\]$`;

/**
 * Issues access tokens to clients that could obtain one now, for scopes that they hold and the catalog has, with at
 * most the lifetimes of its APIs.
 *
 * Each distinct list of scopes is checked once; resources of scopes are left to the verifier. The transaction takes
 * its id before it reads, so a concurrent deletion can see that it is in progress. Returns the ids of the stored
 * tokens. The conditions are those of `authenticates` and `judge`.
 */
export const ISSUE_TOKENS: SchemaFunction = {
  name: 'issue_tokens',
  arguments:
    'ids text[], credentials text[], versions text[], digests text[], scope_lists text[], issued bigint[], expire bigint[]',
  returns: 'SETOF text',
  language: 'plpgsql',
  volatility: 'volatile',
  body: `
#variable_conflict use_column
declare
  this_moment bigint := ${NOW};
begin
  ${REQUIRE_PRESENT}
  perform pg_catalog.pg_current_xact_id();
  if pg_catalog.cardinality(ids) > ${MOST_TOKENS} then
    raise exception 'these are too many tokens at once' using errcode = '54000';
  end if;
  return query
  with asked as materialized (
    select t.id, t.credential collate "C" as credential, t.version collate "C" as version, t.digest, t.scopes collate "C" as scopes, t.expires, least(t.issued, this_moment) as issued
      from unnest(ids, credentials, versions, digests, scope_lists, issued, expire)
        as t (id, credential, version, digest, scopes, issued, expires)
      where ${consistsOf('t.id', BASE62)} and pg_catalog.length(t.id) = 12
        and ${consistsOf('t.digest', HEXADECIMAL)} and pg_catalog.length(t.digest) = 64
        and pg_catalog.octet_length(t.scopes) <= ${LONGEST_LIST}
        and (pg_catalog.octet_length(t.scopes) <= ${LONGEST_ASKED_LIST}
          or exists (select 1 from credctl.credential c where c.id = t.credential and c.scopes = t.scopes))
  ), list as materialized (
    select d.scopes, pg_catalog.row_number() over () as number
      from (select distinct a.scopes from asked a) d where d.scopes ~ '${LIST}'
  ), lifetime as materialized (
    select d.number, min(l.seconds) * 1000 as ms,
        pg_catalog.array_agg(distinct pg_catalog.split_part(s.scope, '@', 1)) as wanted
      from list d
        cross join lateral pg_catalog.jsonb_array_elements_text(d.scopes::jsonb) as s (scope)
        left join credctl.api_lifetime l on l.api = pg_catalog.split_part(s.scope, ':', 1)
      group by d.number having count(*) = count(l.seconds) and max(pg_catalog.length(s.scope)) <= ${LONGEST_SCOPE}
  )
  insert into credctl.access_token (id, credential_id, version_id, digest, scopes, issued_at, expires_at)
  select a.id, c.id, v.id, a.digest, a.scopes, a.issued, least(a.expires, a.issued + f.ms)
    from asked a
      join list d on d.scopes = a.scopes
      join lifetime f on f.number = d.number
      join credctl.version_hash h on h.version_id = a.version
      join credctl.version v
        on v.credential_key = h.credential_key and v.number = h.number and v.id = h.version_id
      join credctl.credential c on c.key = v.credential_key and c.id = a.credential
      left join credctl.owner o on o.id = c.owner_id
      left join credctl.last_use u on u.credential_key = v.credential_key and u.number = v.number
    where c.type = 'oauth2' and c.status = 'active' and c.canary = 0 and (o.status is null or o.status = 'active')
      and (c.expires_at is null or c.expires_at > this_moment)
      and v.revoked_at is null and v.ended_at is null and (v.retires_at is null or v.retires_at > this_moment)
      and (v.delivered_at is not null or v.lapses_at is null or v.lapses_at > this_moment
        or v.received_at is not null or u.first_used_at is not null)
      and (a.scopes = c.scopes
        or pg_catalog.octet_length(a.scopes) <= ${LONGEST_ASKED_LIST}
          and not exists (select 1 from unnest(f.wanted) as w (scope) cross join (
              select pg_catalog.array_agg(pg_catalog.split_part(g.scope, '@', 1)) as scopes
                from pg_catalog.jsonb_array_elements_text(c.scopes::jsonb) as g (scope)) held
            where w.scope <> all (held.scopes) and pg_catalog.split_part(w.scope, ':', 1) || ':*' <> all (held.scopes)))
      and a.issued >= 0 and a.expires > this_moment and a.issued + f.ms > this_moment
  on conflict do nothing
  returning access_token.id;
end
`,
};
