import { BUILT_IN_API } from '../../../domain/scope/catalog.js';

/** Derives the lifetimes from the catalog anew. */
export const FILL_LIFETIMES = `delete from api_lifetime;
  insert into api_lifetime (api, seconds)
    with named as (
      select a.api operator(pg_catalog.->>) 'id'::text as api, (a.api operator(pg_catalog.->>) 'access_token_ttl'::text)::bigint as seconds, a.api operator(pg_catalog.->) 'aliases'::text as aliases
        from catalog c cross join lateral pg_catalog.jsonb_array_elements(c.document::jsonb operator(pg_catalog.->) 'apis'::text) as a (api)
      union all select '${BUILT_IN_API.id}', ${BUILT_IN_API.accessTokenTtl}, null
    )
    select api, seconds from named
    union all
    select l.alias, n.seconds from named n cross join lateral pg_catalog.jsonb_array_elements_text(n.aliases) as l (alias)
  on conflict do nothing`;

/** Updates the lifetimes after a change of the catalog, in the same transaction. */
export async function followCatalog(session: { execute(text: string): Promise<unknown> }): Promise<void> {
  await session.execute(FILL_LIFETIMES);
}
