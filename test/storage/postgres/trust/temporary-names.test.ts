import { expect, it, onTestFinished } from 'vitest';
import { PostgresPool } from '../../../../src/storage/postgres/connection/pool.js';
import { parsePostgresUrl } from '../../../../src/storage/postgres/connection/url.js';
import { inspectDatabase } from '../../../../src/storage/postgres/schema/schema.js';
import { SqlReader } from '../../../../src/storage/sql/reader.js';
import { POSTGRES_ENGINES } from '../../../support/postgres/stores.js';
import { added, opened } from '../../contract/opened.js';

/** As a pooler's earlier client may leave them in a session that the next one gets. */
const LEFT = `create function pg_temp.sprung() returns int language plpgsql as
    $$ begin raise exception 'hostile code was run'; end $$;
  create temporary view credential as select pg_temp.sprung() as id;
  create temporary view store as select pg_temp.sprung() as id;
  create temporary view schema_number as select pg_temp.sprung() as value;
  create temporary view pg_namespace as select pg_temp.sprung() as oid;
  create temporary view pg_class as select pg_temp.sprung() as oid;
  create temporary table version (id int);
  create domain pg_temp.int8 as pg_catalog.bool;
  create domain pg_temp.regclass as pg_catalog.bool`;

it.each(POSTGRES_ENGINES)('temporary objects of a session on $label are never found', async (engine) => {
  const fresh = await opened(engine);
  const { id } = await added(fresh.store);
  const pool = new PostgresPool(parsePostgresUrl(fresh.url, {}), 1);
  onTestFinished(() => pool.close());
  await pool.use((session) => session.execute(LEFT));
  expect(await inspectDatabase(pool)).toMatchObject({ mayChange: true });
  const reader = new SqlReader(pool.connection);
  expect(await reader.findCredential(id)).toMatchObject({ id });
  expect(await reader.settings()).toMatchObject({ prefix: 'cctl' });
});
