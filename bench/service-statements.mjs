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
  text: `insert into access_token (id, credential_id, version_id, digest, scopes, issued_at, expires_at)
    select t.id, c.id, v.id, t.digest, '["data:conversations","data:users"]', $4, $5
      from unnest($1::text[], $2::text[], $3::text[]) as t (id, version_id, digest)
        join version_hash h on h.version_id = t.version_id ${VERSION_OF_HASH}
        join credential c on c.key = v.credential_key returning id`,
};
export const EXPIRED = {
  name: 'expired',
  text: `delete from access_token where id in
    (select id from access_token where expires_at <= $1 order by expires_at limit 5000)`,
};
export const USES = {
  name: 'uses',
  text: `insert into last_use (credential_key, number, first_used_at, last_used_at)
    select h.credential_key, h.number, $2, $2 from unnest($1::text[]) as u (id)
      join version_hash h on h.version_id = u.id order by h.credential_key, h.number
    on conflict (credential_key, number) do update set last_used_at = excluded.last_used_at`,
};
export const LATEST = {
  name: 'latest',
  text: `update last_use u set last_used_at = $2
    from (select h.credential_key from unnest($1::text[]) as t (id) join version_hash h on h.version_id = t.id order by 1)
      as used
    where u.credential_key = used.credential_key and u.number = 0`,
};

/** @typedef {Awaited<ReturnType<typeof connected>>} Session */

/** A connection, and handles of versions that are in the database. @param {string} url */
export async function connected(url) {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query('set search_path = credctl; set jit = off; set plan_cache_mode = force_generic_plan');
  const { rows } = await client.query('select pg_backend_pid() as pid');
  const handles = await client.query(
    'select v.id from version v tablesample system (1) order by random() limit 5000',
  );
  return { client, pid: Number(rows[0].pid), handles: handles.rows.map(({ id }) => String(id)) };
}

/**
 * A token for each of the versions.
 *
 * @param {readonly string[]} versions
 * @param {number} at
 */
export function tokenGroup(versions, at) {
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
