import { firstRow, type SqlConnection } from '../../sql/connection.js';
import { type PostgresSession, SCHEMA, SEARCH_PATH } from '../connection/pool.js';

/** The one index that a store can be without: without it, a search reads every credential. */
export const TEXT_INDEX = 'credential_by_text';

/** Rows that wait to be sorted into the index, in KiB: a search reads them all, and 4 MiB of them take long. */
const PENDING_KIB = 256;

/**
 * Makes an index of every three characters in names and descriptions, where the database has the extension `pg_trgm` or
 * lets this login install it, which takes the right to create schemas (PostgreSQL's "trusted extensions"). There is one
 * installation for a whole database: it goes where the applications in it find it, and never into the store's own schema.
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

/** The statement that makes the index. @param schema where the extension is, quoted as an identifier */
export function textIndexIn(schema: string): string {
  const columns = ['name_key', 'description_key'].map((column) => `${column} ${schema}.gin_trgm_ops`);
  return `create index ${TEXT_INDEX} on ${SCHEMA}.credential using gin (${columns.join(', ')})
    with (gin_pending_list_limit = ${PENDING_KIB})`;
}

/** The schema that the extension is in, quoted as an identifier; null where it is not installed. */
export async function trigramSchema(connection: SqlConnection): Promise<string | null> {
  const found = await firstRow<{ name: string }>(
    connection,
    `select pg_catalog.quote_ident(n.nspname::text) as name from pg_catalog.pg_extension e join pg_catalog.pg_namespace n on n.oid = e.extnamespace
      where e.extname = 'pg_trgm'`,
  );
  return found?.name ?? null;
}

/**
 * The first of those schemas that exists in which nobody can lie in wait for what installs the extension: superusers, the
 * owner of the database, and the login itself.
 */
const CANDIDATES = `select pg_catalog.quote_ident(n.nspname::text) as name
  from pg_catalog.unnest(?::text[]) with ordinality as candidate (name, place)
    join pg_catalog.pg_namespace n on n.nspname::text = candidate.name
    join pg_catalog.pg_roles r on r.oid = n.nspowner
  where n.nspname <> '${SCHEMA}' and (r.rolsuper or r.rolname = current_user or r.rolname = 'pg_database_owner'
    or r.oid in (select d.datdba from pg_catalog.pg_database d where d.datname = pg_catalog.current_database()))
  order by candidate.place limit 1`;

/** Installs the extension in `public`, else where the login's own search path begins; null where there is neither. */
async function install(session: PostgresSession): Promise<string | null> {
  // Nothing in the question is found by that path.
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

/** An element as the text of an array has it. */
function quotedElement(text: string): string {
  return `"${text.replaceAll(/["\\]/g, (mark) => `\\${mark}`)}"`;
}
