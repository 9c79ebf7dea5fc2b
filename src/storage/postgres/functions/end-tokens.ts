import { NOW, type SchemaFunction } from './schema-function.js';

/** Upper bound of rows that one call removes, which keeps it short. */
export const PURGED_AT_ONCE = 5_000;

/** Deletes an access token of a client. */
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

/** Deletes expired tokens, skipping rows that other transactions have locked (SKIP LOCKED). Returns their number. */
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
