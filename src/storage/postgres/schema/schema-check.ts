import type { Finding } from '../../../domain/ports/store-port.js';
import { FROM_BACKUP } from '../../check/check.js';
import { error } from '../../check/finding.js';
import type { SqlConnection } from '../../sql/connection.js';
import { type PostgresPool, type PostgresSession, SCHEMA } from '../connection/pool.js';
import { createTables } from './tables.js';
import { TEXT_INDEX } from './text-index.js';

interface SchemaObject {
  readonly kind: string;
  readonly name: string;
  readonly definition: string;
}

/** Every object of a namespace that decides what its tables accept and what happens on writes. */
const OBJECTS = `with relation as (select c.oid, c.relname, c.relkind from pg_catalog.pg_class c where c.relnamespace = ?::oid)
  select 'relation' as kind, relname::text as name, relkind::text as definition from relation where relkind <> 'i'
  union all
  select 'column', pg_catalog.concat(r.relname, '.', a.attname),
      pg_catalog.concat_ws(' ', pg_catalog.format_type(a.atttypid, a.atttypmod), a.attnotnull, k.collname,
        pg_catalog.pg_get_expr(d.adbin, d.adrelid))
    from relation r join pg_catalog.pg_attribute a on a.attrelid = r.oid and a.attnum > 0::int2 and not a.attisdropped
      left join pg_catalog.pg_collation k on k.oid = a.attcollation
      left join pg_catalog.pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
    where r.relkind <> 'i'
  union all
  select 'constraint', pg_catalog.concat(r.relname, '.', f.conname), pg_catalog.pg_get_constraintdef(f.oid)
    from relation r join pg_catalog.pg_constraint f on f.conrelid = r.oid where f.contype <> 'n'
  union all
  select 'index', relname, pg_catalog.pg_get_indexdef(oid) from relation where relkind = 'i' and relname <> '${TEXT_INDEX}'
  union all
  select 'trigger', pg_catalog.concat(r.relname, '.', t.tgname), pg_catalog.pg_get_triggerdef(t.oid)
    from relation r join pg_catalog.pg_trigger t on t.tgrelid = r.oid where not t.tgisinternal
  union all
  select 'rule', pg_catalog.concat(r.relname, '.', w.rulename), pg_catalog.pg_get_ruledef(w.oid)
    from relation r join pg_catalog.pg_rewrite w on w.ev_class = r.oid
  union all
  select 'policy', pg_catalog.concat(r.relname, '.', p.polname), '' from relation r join pg_catalog.pg_policy p on p.polrelid = r.oid`;

/**
 * Compares a store's tables, indexes and triggers with those of a new store, created as temporary tables and rolled
 * back.
 */
export function checkSchema(pool: PostgresPool): Promise<readonly Finding[]> {
  return pool.use(async (session) => {
    await session.execute('begin');
    try {
      return await compare(session);
    } finally {
      await session.execute('rollback').catch(() => {});
    }
  });
}

async function compare(session: PostgresSession): Promise<readonly Finding[]> {
  const present = await objectsIn(session, `'${SCHEMA}'::regnamespace::oid`);
  await session.execute('set local search_path = pg_temp');
  await createTables(session);
  const expected = await objectsIn(session, 'pg_catalog.pg_my_temp_schema()');
  const missing = [...expected].filter(([key, definition]) => present.get(key) !== definition);
  const foreign = [...present.keys()].filter((key) => !expected.has(key));
  return [
    ...missing.map(([key]) => error('schema', `the ${key} is missing or altered`, FROM_BACKUP)),
    ...foreign.map((key) => error('schema', `the ${key} is not part of a store`, FROM_BACKUP)),
  ];
}

/** Definitions by kind and name, with the namespace removed so that two namespaces can be compared. */
async function objectsIn(connection: SqlConnection, namespace: string): Promise<ReadonlyMap<string, string>> {
  const rows = await connection.all<SchemaObject>(OBJECTS.replace('?::oid', namespace), []);
  return new Map(
    rows.map(({ kind, name, definition }) => [
      `${kind} ${name}`,
      definition.replaceAll(/\b(?:pg_temp(?:_\d+)?|credctl)\./g, ''),
    ]),
  );
}
