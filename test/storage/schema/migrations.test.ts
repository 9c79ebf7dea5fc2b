import { createHash } from 'node:crypto';
import { chmodSync } from 'node:fs';
import { dirname, join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { migratablePostgres } from '../../../src/storage/postgres/migrate.js';
import { type Dialect, POSTGRES, SQLITE } from '../../../src/storage/schema/dialects.js';
import { MIGRATIONS } from '../../../src/storage/schema/migrations/index.js';
import { OLDEST_SCHEMA, SCHEMA_NUMBER } from '../../../src/storage/schema/number.js';
import { migratableSqlite } from '../../../src/storage/sqlite/migrate.js';
import { POSTGRES_ENGINES } from '../../support/postgres/stores.js';
import { becomeOlderSchema, makeOlderSchema, OLDER_SCHEMAS } from '../../support/stores/older-store.js';
import { SQLITE as SQLITE_STORES } from '../../support/stores/stores.js';
import { existing, opened } from '../contract/opened.js';
import { NOW } from '../contract/population.js';

const AUTHOR = { actor: 'tester@here', reason: null };

/** SHA-256 of the statements of each migration: a store is checked against what they make, by its letter in SQLite. */
const DIGESTS: readonly { readonly to: number; readonly dialect: Dialect; readonly digest: string }[] = [
  { to: 2, dialect: SQLITE, digest: '0a03df83a6651eced57f1825125cbcd499928fc6af5ed40eaec4ec3573a4f9a3' },
  { to: 3, dialect: SQLITE, digest: 'ce33bfac25d98d8a5b940119bb111b301fb66f85d15620db0d385174a81cd346' },
  { to: 4, dialect: SQLITE, digest: '98fa2b994e61cb5e2a2b0f56127a60a0715798ff32a0c2857e4c177d84525701' },
  { to: 5, dialect: SQLITE, digest: '3c6d421f276e9956f1d3f20bf6fce04bca74ef32efe5f97a472e8983da14873a' },
  { to: 2, dialect: POSTGRES, digest: '59af97c8bbba72821ed479bbe35944d2ce9e0caa8598fd5a09d7e08edb7cfeb4' },
  { to: 3, dialect: POSTGRES, digest: 'a1b8a9aee273ffa7acf5caf6838879b8265f22d39b264a8ec1e541c08ae47e0f' },
  { to: 4, dialect: POSTGRES, digest: '582009ef5fafc17e16cfad8ad56f917636c6aaac5e0d745372e62aba527d9c86' },
  { to: 5, dialect: POSTGRES, digest: 'aa8872db403393121a4805c7eb25ed4609275f469a1ce7254e346ebad16d1131' },
];

/** Relations, columns in their order, constraints, indexes and functions, and the rights on them. */
const IN_POSTGRES = `with relation as (select * from pg_class where relnamespace = 'credctl'::regnamespace)
  select relname::text as name, concat_ws(' ', relkind, relnatts, relacl::text) as definition from relation
  union all
  select concat(r.relname, ' ', a.attnum), concat_ws(' ', a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull,
      k.collname, pg_get_expr(d.adbin, d.adrelid))
    from relation r join pg_attribute a on a.attrelid = r.oid and a.attnum > 0
      left join pg_collation k on k.oid = a.attcollation
      left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
  union all
  select concat(r.relname, '.', f.conname), pg_get_constraintdef(f.oid)
    from relation r join pg_constraint f on f.conrelid = r.oid
  union all select relname, pg_get_indexdef(oid) from relation where relkind = 'i'
  union all
  select proname, concat(pg_get_functiondef(oid), proacl::text) from pg_proc where pronamespace = 'credctl'::regnamespace
  order by 1, 2`;

describe('migrations', () => {
  it('go from nothing to the oldest schema, and from there to the present one, one after the other', () => {
    const numbers = MIGRATIONS.map(({ to }) => to);
    expect(numbers).toEqual(numbers.map((_, index) => OLDEST_SCHEMA + index));
    expect(numbers.at(-1)).toBe(SCHEMA_NUMBER);
  });

  it.each(DIGESTS)('never change: to schema $to, $dialect.engine', ({ to, dialect, digest }) => {
    const statements = existing(MIGRATIONS.find((migration) => migration.to === to)).statements(dialect);
    expect(createHash('sha256').update(statements.join(';\n')).digest('hex')).toBe(digest);
  });
});

describe.each(OLDER_SCHEMAS)('a migrated store of schema %i', (schema) => {
  it('has in a file the very schema of a new one', async () => {
    const fresh = await opened(SQLITE_STORES);
    const list = 'select type, name, tbl_name, sql from sqlite_schema order by type, name';
    const expected = await fresh.ask(list);
    const path = join(dirname(fresh.path), 'older.db');
    makeOlderSchema(schema, path, fresh.path);
    chmodSync(path, 0o600);
    await migratableSqlite(path, { watch: () => async () => {} }).migrate(AUTHOR, NOW);
    const migrated = new Database(path, { readonly: true });
    const found = migrated.prepare(list).all();
    migrated.close();
    expect(expected.length).toBeGreaterThan(20);
    expect(found).toEqual(expected);
  });

  it.each(POSTGRES_ENGINES)('has in $label the very schema of a new one', async (engine) => {
    const fresh = await opened(engine, { prefix: 'acme' });
    const expected = await fresh.ask(IN_POSTGRES);
    await becomeOlderSchema(schema, (sql) => fresh.ask(sql));
    const migratable = await migratablePostgres(fresh.url);
    await migratable.migrate(AUTHOR, NOW).finally(() => migratable.close());
    expect(expected.length).toBeGreaterThan(100);
    expect(await fresh.ask(IN_POSTGRES)).toEqual(expected);
  });
});
