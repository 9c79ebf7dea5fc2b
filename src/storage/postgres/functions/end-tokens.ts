import { NOW, type SchemaFunction } from './schema-function.js';

/** Rows that one call removes at most, so that nobody waits long for it. */
export const PURGED_AT_ONCE = 5_000;

/** Ends a token of a client. */
export const DELETE_TOKEN: SchemaFunction = {
  name: 'delete_token',
  arguments: 'token text, credential text',
  returns: 'void',
  language: 'plpgsql',
  volatility: 'volatile',
  body: `
begin
  delete from credctl.access_token t where t.id = token and t.credential_id = credential;
end
`,
};

/** Removes tokens whose time is over, but for those that somebody else is just removing; how many. */
export const PURGE_TOKENS: SchemaFunction = {
  name: 'purge_tokens',
  arguments: '',
  returns: 'bigint',
  language: 'plpgsql',
  volatility: 'volatile',
  body: `
declare
  this_moment bigint := ${NOW};
  removed bigint;
begin
  with ended as materialized (
    select t.id from credctl.access_token t where t.expires_at <= this_moment
      order by t.expires_at limit ${PURGED_AT_ONCE} for update skip locked
  ), gone as (
    delete from credctl.access_token t using ended o where t.id = o.id returning 1
  )
  select pg_catalog.count(*) into removed from gone;
  return removed;
end
`,
};
