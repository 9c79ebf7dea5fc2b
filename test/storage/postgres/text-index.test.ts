import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Store } from '../../../src/domain/ports/store-port.js';
import { initStoreAt } from '../../../src/storage/open.js';
import { START } from '../../support/dependencies/fixed-clock.js';
import {
  POSTGRES_14,
  POSTGRES_ENGINES,
  type PostgresEngine,
  type TestDatabase,
} from '../../support/postgres/stores.js';
import { newStorePlan, storeSystem } from '../../support/stores/stores.js';
import { added } from '../contract/opened.js';
import { openAt } from '../files.js';

interface Shop {
  readonly database: TestDatabase;
  /** The URL of a login that may create schemas, and no more. */
  readonly ownerUrl: string;
  readonly owner: string;
}

/** A database of an application, whose owner lets a login make a store in it. */
async function openShop(engine: PostgresEngine): Promise<Shop> {
  const database = await engine.database();
  const owner = `owner_${randomBytes(6).toString('hex')}`;
  const name = new URL(database.url).pathname.slice(1);
  await database.ask(
    `create role ${owner} login password '${owner}'; grant create on database ${name} to ${owner}`,
  );
  onTestFinished(async () => {
    await database.drop();
    const server = new pg.Client({ connectionString: await engine.server() });
    await server.connect();
    await server.query(`drop role ${owner}`);
    await server.end();
  });
  const ownerUrl = Object.assign(new URL(database.url), { username: owner, password: owner }).href;
  return { database, owner, ownerUrl };
}

async function makeStore(url: string): Promise<Store> {
  const store = await initStoreAt(url, storeSystem(), newStorePlan());
  onTestFinished(() => store.close());
  return store;
}

async function found(store: Store, search: string): Promise<readonly string[]> {
  const { items } = await store.listCredentials({ now: START, sort: 'name', limit: 10, search });
  return items.map(({ name }) => name);
}

/** Where the extension is, and the index that takes it. */
async function installed({ ask }: TestDatabase): Promise<{ schema: string | null; index: string | null }> {
  const [row] = await ask<{ schema: string | null; index: string | null }>(
    `select (select extnamespace::regnamespace::text from pg_extension where extname = 'pg_trgm') as schema,
      (select indexdef from pg_indexes where schemaname = 'credctl' and indexname = 'credential_by_text') as index`,
  );
  return row ?? { schema: null, index: null };
}

async function searchNotes(store: Store): Promise<readonly { message: string; fix: string | null }[]> {
  return (await store.check(START)).filter(({ check }) => check === 'search');
}

describe.each(POSTGRES_ENGINES)('a store in the database of an application, on $label', (engine) => {
  it('leaves the extension where the application finds it', async () => {
    const { database, ownerUrl } = await openShop(engine);
    const store = await makeStore(ownerUrl);
    expect(await installed(database)).toEqual({
      schema: 'public',
      index: expect.stringContaining('name_key public.gin_trgm_ops'),
    });
    const application = new pg.Client({ connectionString: database.url });
    await application.connect();
    onTestFinished(() => application.end());
    await application.query(`create extension if not exists pg_trgm; create table product (name text);
      create index on product using gin (name gin_trgm_ops); select similarity('a', 'b')`);
    await added(store, { name: 'kingfisher' });
    expect(await found(store, 'fish')).toEqual(['kingfisher']);
    expect(await searchNotes(store)).toEqual([]);
  });

  it('uses the extension wherever it is', async () => {
    const { database, ownerUrl, owner } = await openShop(engine);
    await database.ask(`create schema "Ext s"; create extension pg_trgm schema "Ext s";
      grant usage on schema "Ext s" to ${owner}`);
    await makeStore(ownerUrl);
    expect(await installed(database)).toEqual({
      schema: '"Ext s"',
      index: expect.stringContaining('name_key "Ext s".gin_trgm_ops'),
    });
  });

  it('installs it where the path of the login begins, if there is no schema public', async () => {
    const { database, ownerUrl, owner } = await openShop(engine);
    await database.ask(`drop schema public; create schema app; grant usage, create on schema app to ${owner};
      alter role ${owner} set search_path = credctl, app`);
    await makeStore(ownerUrl);
    expect(await installed(database)).toEqual({
      schema: 'app',
      index: expect.stringContaining('app.gin_trgm'),
    });
  });

  it('does without where it may install nothing: searches find all the same, and a check says how to have it', async () => {
    const { database, ownerUrl, owner } = await openShop(engine);
    await database.ask(`revoke create on database ${new URL(database.url).pathname.slice(1)} from ${owner};
      create schema credctl authorization ${owner}`);
    const store = await makeStore(ownerUrl);
    expect(await installed(database)).toEqual({ schema: null, index: null });
    await added(store, { name: 'kingfisher' });
    expect(await found(store, 'fish')).toEqual(['kingfisher']);
    const [note] = await searchNotes(store);
    expect(note?.message).toBe('searches are slow: there is no index for them');
    await database.ask(String(note?.fix).replace(/^as the owner of the store, run: /, ''));
    expect(await searchNotes(store)).toEqual([]);
    expect(await found(store, 'fish')).toEqual(['kingfisher']);
  });

  it('has none by an extension of another login, who could lock the store by dropping it', async () => {
    const { database, ownerUrl } = await openShop(engine);
    const other = `other_${randomBytes(6).toString('hex')}`;
    await database.ask(`create role ${other}; create schema evil authorization ${other}; grant usage on schema evil to public;
        set role ${other}; reset role; create extension pg_trgm schema evil`);
    onTestFinished(() => database.ask(`drop owned by ${other} cascade; drop role ${other}`).then(() => {}));
    const store = await makeStore(ownerUrl);
    expect(await installed(database)).toEqual({ schema: 'evil', index: null });
    const [note] = await searchNotes(store);
    expect(note?.message).toContain(`"${other}" owns the extension pg_trgm and could lock the store`);
    await database.ask(
      `create index credential_by_text on credctl.credential using gin (name_key evil.gin_trgm_ops)`,
    );
    const [carried] = (await store.check(START)).filter(({ check }) => check === 'search');
    expect(carried).toMatchObject({ severity: 'error', message: expect.stringContaining(other) });
  });

  it('has none where there is no place for the extension but its own schema', async () => {
    const { database, ownerUrl } = await openShop(engine);
    await database.ask('drop schema public');
    await makeStore(ownerUrl);
    expect(await installed(database)).toEqual({ schema: null, index: null });
  });

  it('made earlier, with the extension in its own schema, goes on, and a check says how to move it', async () => {
    const { database, ownerUrl } = await openShop(engine);
    const before = await makeStore(ownerUrl);
    await added(before, { name: 'kingfisher' });
    await database.ask('alter extension pg_trgm set schema credctl');
    const store = await openAt(ownerUrl);
    expect(await found(store, 'fish')).toEqual(['kingfisher']);
    await added(store, { name: 'fisher' });
    const [note] = await searchNotes(store);
    expect(note?.message).toContain('the extension pg_trgm is in the schema credctl');
    await database.ask(String(note?.fix).replace(/^as a superuser, run: /, ''));
    expect(await searchNotes(store)).toEqual([]);
    expect(await found(store, 'fish')).toEqual(['fisher', 'kingfisher']);
  });
});

// The client of Debian is older than the newest server.
describe('a dump of the schema alone', () => {
  it('is restored without an error where the schema was dropped, and where the extension is', async () => {
    const { database, owner, ownerUrl } = await openShop(POSTGRES_14);
    const store = await makeStore(ownerUrl);
    await added(store, { name: 'kingfisher' });
    await store.close();
    const dump = execFileSync('pg_dump', ['--schema=credctl', '--dbname', database.url], {
      encoding: 'utf8',
    });
    const other = await POSTGRES_14.database();
    onTestFinished(() => other.drop());
    await database.ask('drop schema credctl cascade');
    await other.ask('create extension pg_trgm schema public');
    for (const { url } of [database, other]) {
      execFileSync('psql', ['--quiet', '--no-psqlrc', '--set=ON_ERROR_STOP=1', '--dbname', url], {
        input: dump,
        stdio: ['pipe', 'ignore', 'pipe'],
      });
      const restored = await openAt(Object.assign(new URL(url), { username: owner, password: owner }).href);
      expect(await found(restored, 'fish')).toEqual(['kingfisher']);
      expect(await searchNotes(restored)).toEqual([]);
    }
  });
});
