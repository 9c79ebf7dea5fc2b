import { firstRow, type SqlConnection } from '../../sql/connection.js';
import { type PostgresSession, SCHEMA, SEARCH_PATH } from '../connection/pool.js';

/** The trigram index (pg_trgm, GIN): the one optional index. Without it, a search scans every credential. */
export const TEXT_INDEX = 'credential_by_text';

/** GIN pending list, in KiB. Every search scans it, so PostgreSQL's default of 4 MiB would be slow. */
const PENDING_KIB = 256;

/**
 * Creates the trigram index on names and descriptions, where the database has the extension `pg_trgm` or this login
 * may install it (a trusted extension, which takes CREATE on the database). An extension exists once per database,
 * so it is installed where applications find it, never in the store's own schema.
 *
 * @returns whether the store has the index
 */
export async function createTextIndex(session: PostgresSession): Promise<boolean> {
  await session.execute('savepoint text_index');
  try {
    const schema = (await trigramSchema(session)) ?? (await install(session));
    if (schema !== null) await session.execute(textIndexIn(schema));
    await session.execute('release savepoint text_index');
    return schema !== null;
  } catch {
    await session.execute('rollback to savepoint text_index');
    return false;
  }
}

/**
 * The CREATE INDEX statement.
 *
 * @param schema the extension's schema, quoted as an identifier
 */
export function textIndexIn(schema: string): string {
  const columns = ['name_key', 'description_key'].map((column) => `${column} ${schema}.gin_trgm_ops`);
  return `create index ${TEXT_INDEX} on ${SCHEMA}.credential using gin (${columns.join(', ')})
    with (gin_pending_list_limit = ${PENDING_KIB})`;
}

/** Where the extension pg_trgm is installed. */
export interface Trigrams {
  /** Its schema, quoted as an identifier. */
  readonly name: string;
  /** An untrusted owner of the extension or of its schema, quoted as an identifier; null where all are trusted. */
  readonly distrusted: string | null;
}

/** Trusted roles: superusers, the owners of the database and of the store, and the login itself. */
const IS_TRUSTED = `(r.rolsuper or r.rolname = current_user or r.rolname = 'pg_database_owner'::name
    or r.oid in (select d.datdba from pg_catalog.pg_database d where d.datname = pg_catalog.current_database())
    or r.oid in (select h.relowner from pg_catalog.pg_class h join pg_catalog.pg_namespace s on s.oid = h.relnamespace
      where s.nspname = '${SCHEMA}'::name and h.relname = 'audit_head'::name))`;

/**
 * The extension's schema and owner; null where it is not installed. Dropping an extension locks every table with an
 * index that depends on it, so an untrusted role's extension must carry no index of a store.
 */
export async function trigrams(connection: SqlConnection): Promise<Trigrams | null> {
  return firstRow<Trigrams>(
    connection,
    `select pg_catalog.quote_ident(n.nspname::text) as name,
        (select pg_catalog.min(r.oid::regrole::text) from pg_catalog.pg_roles r
          where r.oid in (e.extowner, n.nspowner) and not ${IS_TRUSTED}) as distrusted
      from pg_catalog.pg_extension e join pg_catalog.pg_namespace n on n.oid = e.extnamespace
      where e.extname = 'pg_trgm'::name`,
  );
}

/** The extension's schema where it is installed and its owners are trusted; null otherwise. */
export async function trigramSchema(connection: SqlConnection): Promise<string | null> {
  const found = await trigrams(connection);
  return found === null || found.distrusted !== null ? null : found.name;
}

/**
 * The first of the given schemas that exists and whose owner is trusted: an untrusted owner could plant objects that
 * the installation resolves.
 */
const CANDIDATES = `select pg_catalog.quote_ident(n.nspname::text) as name
  from pg_catalog.unnest(?::text[]) with ordinality as candidate (name, place)
    join pg_catalog.pg_namespace n on n.nspname::text = candidate.name
    join pg_catalog.pg_roles r on r.oid = n.nspowner
  where n.nspname <> '${SCHEMA}' and ${IS_TRUSTED}
  order by candidate.place limit 1`;

/**
 * Installs the extension in `public`, else in the first schema of the login's own search_path; null where neither
 * will do.
 */
async function install(session: PostgresSession): Promise<string | null> {
  // The query qualifies its names, so it resolves nothing by that path.
  const { rows } = await session.execute(
    `set local search_path to default; select pg_catalog.array_to_json(pg_catalog.current_schemas(false))::pg_catalog.text as path`,
  );
  await session.execute(`set local search_path = ${SEARCH_PATH}`);
  const [settings] = rows as readonly { path: string }[];
  const path: readonly string[] = JSON.parse(settings?.path ?? '[]');
  const found = await firstRow<{ name: string }>(session, CANDIDATES, [
    `{${['public', ...path].map(quotedElement).join(',')}}`,
  ]);
  if (found === null) return null;
  await session.execute(`create extension if not exists pg_trgm schema ${found.name}`);
  return trigramSchema(session);
}

/** A text as an element of an array literal. */
function quotedElement(text: string): string {
  return `"${text.replaceAll(/["\\]/g, (mark) => `\\${mark}`)}"`;
}
