import { firstRow, type SqlConnection } from './connection.js';
import { type PostgresSession, SCHEMA, SEARCH_PATH } from './postgres-pool.js';

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
    `select quote_ident(n.nspname) as name from pg_extension e join pg_namespace n on n.oid = e.extnamespace
      where e.extname = 'pg_trgm'`,
  );
  return found?.name ?? null;
}

/** Installs the extension in `public`, else where the login's own search path begins; null where there is neither. */
async function install(session: PostgresSession): Promise<string | null> {
  await session.execute('set local search_path to default');
  const found = await firstRow<{ name: string }>(
    session,
    `select quote_ident(name) as name from (
        select nspname::text as name, 0 as place from pg_namespace where nspname = 'public'
        union all select name, place from unnest(current_schemas(false)::text[]) with ordinality as path (name, place)
      ) as candidate
      where name <> '${SCHEMA}' order by place limit 1`,
  );
  await session.execute(`set local search_path = ${SEARCH_PATH}`);
  if (found === null) return null;
  await session.execute(`create extension if not exists pg_trgm schema ${found.name}`);
  return trigramSchema(session);
}
