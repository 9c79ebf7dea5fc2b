import { recordOnTable } from '../../postgres/earlier/record-uses.js';
import { PURGED_AT_ONCE } from '../../postgres/functions/end-tokens.js';
import { NOW } from '../../postgres/functions/schema-function.js';
import { VERSION_OF_HASH } from '../../sql/credential-rows.js';
import type { ServingStatements } from './serving-statements.js';

const ISSUE_TOKENS = `insert into access_token (id, credential_id, version_id, digest, scopes, issued_at, expires_at)
  select t.id, c.id, v.id, t.digest, t.scopes, t.issued_at, t.expires_at
    from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::bigint[], $7::bigint[])
        as t (id, credential_id, version_id, digest, scopes, issued_at, expires_at)
      join version_hash h on h.version_id = t.version_id ${VERSION_OF_HASH}
      join credential c on c.key = v.credential_key and c.id = t.credential_id
  on conflict do nothing returning id`;

const PURGE_TOKENS = `with ended as (
    select id from access_token where expires_at <= ${NOW} order by expires_at limit ${PURGED_AT_ONCE}
  ), gone as (delete from access_token t using ended e where t.id = e.id returning 1)
  select count(*) as purged from gone`;

/** On a schema without functions, a server writes by its login's rights on the tables. */
export const ON_TABLES: ServingStatements = {
  name: '_on_tables',
  issueTokens: ISSUE_TOKENS,
  deleteToken: 'delete from access_token where id = $1 and credential_id = $2',
  purgeTokens: PURGE_TOKENS,
  recordUses: recordOnTable,
};
