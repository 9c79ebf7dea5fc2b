// @ts-check
/** The statements by which a server uses a PostgreSQL database, as the part `services` sends them. */
import { randomBytes } from 'node:crypto';
import pg from 'pg';

const VERSION_OF_HASH =
  'join version v on v.credential_key = h.credential_key and v.number = h.number and v.id = h.version_id';

export const LOOK = {
  name: 'look',
  text: `select g.value, v.*, h.hash, w.*, c.*, u.last_used_at, o.name, o.status
    from generation g left join unnest($1::text[]) with ordinality as a (id, place) on true
      left join version_hash h on h.version_id = a.id left ${VERSION_OF_HASH}
      left join last_use w on w.credential_key = v.credential_key and w.number = v.number
      left join credential c on c.key = v.credential_key left join owner o on o.id = c.owner_id
      left join last_use u on u.credential_key = c.key and u.number = 0`,
};
export const TOKENS = {
  name: 'tokens',
  text: `select t from credctl.issue_tokens($1::text[], (select array_agg(c.id order by a.place)
        from unnest($2::text[]) with ordinality as a (id, place) join version_hash h on h.version_id = a.id
          join credential c on c.key = h.credential_key),
      $2::text[], $3::text[], array_fill('["data:conversations","data:users"]'::text, array[cardinality($1::text[])]),
      array_fill($4::bigint, array[cardinality($1::text[])]), array_fill($5::bigint, array[cardinality($1::text[])])) as t`,
};
export const EXPIRED = {
  name: 'expired',
  text: `delete from access_token where id in
    (select id from access_token where expires_at <= $1 order by expires_at limit 5000)`,
};
export const USES = {
  name: 'uses',
  text: `select u from credctl.record_uses($1::text[], array_fill($2::bigint, array[cardinality($1::text[])]),
    array_fill($2::bigint, array[cardinality($1::text[])]), array_fill(null::text, array[cardinality($1::text[])])) as u`,
};

/** @typedef {Awaited<ReturnType<typeof connected>>} Session */

/** A connection, and handles of versions that are in the database. @param {string} url */
export async function connected(url) {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query('set search_path = credctl; set jit = off; set plan_cache_mode = force_generic_plan');
  const { rows } = await client.query('select pg_backend_pid() as pid');
  const handles = await client.query(
    `select v.id from version v tablesample system (1) join credential c on c.key = v.credential_key
      where c.type = 'oauth2' and c.status = 'active' and c.expires_at is null and v.retires_at is null
      order by random() limit 5000`,
  );
  return { client, pid: Number(rows[0].pid), handles: handles.rows.map(({ id }) => String(id)) };
}

/**
 * A token for each of the versions.
 *
 * @param {readonly string[]} versions
 * @param {number} at
 */
export function groupCommit(versions, at) {
  const ids = versions.map(() => randomBytes(6).toString('hex'));
  const digests = versions.map(() => randomBytes(32).toString('hex'));
  return { ...TOKENS, values: [ids, versions, digests, at, at + 3_600_000] };
}

/** Different handles, one after the other. @param {readonly string[]} handles */
export function drawer(handles) {
  let next = 0;
  return (/** @type {number} */ count) =>
    Array.from({ length: count }, () => handles[next++ % handles.length] ?? '');
}
