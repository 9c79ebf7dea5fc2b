import { describe, expect, it, onTestFinished } from 'vitest';
import { initStoreAt } from '../../../src/storage/open.js';
import { PostgresPool } from '../../../src/storage/postgres/connection/pool.js';
import { parsePostgresUrl } from '../../../src/storage/postgres/connection/url.js';
import { START } from '../../support/dependencies/fixed-clock.js';
import { POSTGRES_18, POSTGRES_ENGINES, type TestDatabase } from '../../support/postgres/stores.js';
import { newStorePlan, storeSystem } from '../../support/stores/stores.js';
import { added, existing, opened } from '../contract/opened.js';
import { note, openAt } from '../files.js';
import { aNewCredential, anEntry, failure } from '../fixtures.js';

/** Ends every other session of the database, as an administrator or a restart does. */
const END_SESSIONS = `select count(pg_terminate_backend(pid)) as ended from pg_stat_activity
  where datname = current_database() and pid <> pg_backend_pid()`;

async function emptyDatabase(engine = POSTGRES_18): Promise<TestDatabase> {
  const database = await engine.database();
  onTestFinished(() => database.drop());
  return database;
}

describe.each(POSTGRES_ENGINES)('connections that $label ends', (engine) => {
  it('while nobody uses them are replaced without a word', async () => {
    const { store, ask } = await opened(engine);
    const { id } = await added(store);
    await ask(END_SESSIONS);
    expect((await store.findCredential(id))?.id).toBe(id);
    await ask(END_SESSIONS);
    await note(store);
    expect(await store.verifyAudit(null)).toMatchObject({ valid: true, events: 2 });
  });

  it('in the middle of a change undo it, and the next change is made', async () => {
    const { store, ask } = await opened(engine);
    const lost = store.write(async (tx) => {
      await tx.insertCredential(aNewCredential({ name: 'lost' }));
      await ask(END_SESSIONS);
      await tx.appendAudit(anEntry(), START);
    });
    await expect(lost).rejects.toEqual(failure('store_unavailable', /ended the connection/));
    expect(await store.findCredential('lost')).toBeNull();
    await added(store, { name: 'kept' });
    // What a fixture adds, no event accounts for.
    expect((await store.check(START)).filter(({ check }) => check !== 'accounts')).toEqual([]);
  });

  it('just before the commit undo it: never half, never twice', async () => {
    const { store, ask } = await opened(engine);
    const lost = store.write(async (tx) => {
      await tx.insertCredential(aNewCredential({ name: 'lost' }));
      await ask(END_SESSIONS);
    });
    await expect(lost).rejects.toEqual(failure('store_unavailable'));
    expect(await store.findCredential('lost')).toBeNull();
  });
});

describe('two who change a store at the same time', () => {
  it('take turns, and each sees what the one before has done', async () => {
    const fresh = await opened(POSTGRES_18);
    const { id } = await added(fresh.store);
    const other = await fresh.connect();
    let inside = 0;
    await Promise.all(
      Array.from({ length: 20 }, (_, n) =>
        (n % 2 === 0 ? fresh.store : other).write(async (tx) => {
          inside += 1;
          expect(inside).toBe(1);
          const { revision } = existing(await tx.findCredential(id));
          await tx.updateCredential(id, { revision: revision + 1 });
          await tx.appendAudit(anEntry(), START);
          inside -= 1;
        }),
      ),
    );
    expect((await other.findCredential(id))?.revision).toBe(21);
    expect(await other.verifyAudit(null)).toMatchObject({ valid: true, events: 21 });
  });

  it('see a change of the other with the next question', async () => {
    const fresh = await opened(POSTGRES_18);
    const { id } = await added(fresh.store);
    const other = await fresh.connect();
    expect((await other.findCredential(id))?.status).toBe('active');
    await fresh.store.write((tx) => tx.updateCredential(id, { status: 'inactive' }));
    expect((await other.findCredential(id))?.status).toBe('inactive');
  });

  it('are told when the other holds the store for longer than half a minute', async () => {
    const fresh = await opened(POSTGRES_18);
    await fresh.ask('begin; select 1 from audit_head for update');
    await expect(note(fresh.store)).rejects.toEqual(
      failure('store_unavailable', /busy for more than 30 seconds/),
    );
    await fresh.ask('rollback');
    await note(fresh.store);
  });
});

describe('an export of the audit trail', () => {
  it('shows the trail as it was when it began, and lets others write', async () => {
    const { store } = await opened(POSTGRES_18);
    let seen = 0;
    for await (const batch of store.exportAudit()) {
      await note(store);
      seen += batch.length;
    }
    expect(seen).toBe(1);
  });

  it('gives its connection back when nobody wants the rest', async () => {
    const { store } = await opened(POSTGRES_18);
    for (let n = 0; n < 15; n += 1) {
      for await (const _ of store.exportAudit()) break;
    }
    await note(store);
  });
});

describe('a database', () => {
  it('without a store is refused, reads as empty, or gets one with the first write', async () => {
    const { url, ask } = await emptyDatabase();
    await expect(openAt(url, { whenMissing: 'refuse' })).rejects.toEqual(
      failure('store_unavailable', /no store/, /store init/),
    );
    const reading = await openAt(url, { whenMissing: 'read-as-empty' });
    expect(await reading.listCredentials({ now: START, sort: 'name', limit: 5 })).toMatchObject({
      items: [],
    });
    expect(await reading.statistics()).toMatchObject({ engine: 'postgres', schema: 0 });
    const schemas = () => ask("select 1 from pg_namespace where nspname = 'credctl'");
    expect(await schemas()).toEqual([]);
    const created: string[] = [];
    const writing = await openAt(url, { onCreated: (location) => created.push(location) });
    expect(await schemas()).toEqual([]);
    await note(writing);
    await note(writing);
    expect(created).toEqual([expect.stringMatching(/^postgres:\/\/postgres@127\.0\.0\.1:\d+\/t_/)]);
    expect(await writing.verifyAudit(null)).toMatchObject({ valid: true, events: 3 });
  });

  it('gets one store from four who make one at once; the others are told', async () => {
    const { url } = await emptyDatabase();
    const made = await Promise.allSettled(
      Array.from({ length: 4 }, () => initStoreAt(url, storeSystem(), newStorePlan())),
    );
    const stores = made.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
    expect(stores).toHaveLength(1);
    for (const one of made) if (one.status === 'rejected') expect(one.reason).toEqual(failure('conflict'));
    await stores[0]?.close();
  });

  it('whose schema credctl is empty will do', async () => {
    const { url, ask } = await emptyDatabase();
    await ask('create schema credctl');
    await note(await openAt(url));
  });

  it.each([
    [
      'a schema credctl of another program',
      'create schema credctl; create table credctl.x (y int)',
      /not a credctl store/,
    ],
    [
      'a newer store',
      'create schema credctl; create table credctl.schema_number (value int); insert into credctl.schema_number values (99)',
      /newer credctl \(schema 99\)/,
    ],
    [
      'a store of a schema that no release has made',
      `create schema credctl; create table credctl.schema_number (value int); insert into credctl.schema_number values (1);
       create table credctl.credential_use (credential_id text primary key, last_used_at bigint)`,
      /before the first release \(schema 1; .* is 2\)/,
    ],
  ])('with %s is refused and left alone', async (_what, sql, message) => {
    const { url, ask } = await emptyDatabase();
    await ask(sql);
    const tables = () => ask("select relname from pg_class where relnamespace = 'credctl'::regnamespace");
    const before = await tables();
    await expect(openAt(url)).rejects.toEqual(failure('store_unavailable', message));
    await expect(initStoreAt(url, storeSystem(), newStorePlan())).rejects.toEqual(
      failure('store_unavailable'),
    );
    expect(await tables()).toEqual(before);
  });

  it('that is not in UTF-8 is refused', async () => {
    const { url, ask } = await emptyDatabase();
    const name = `${new URL(url).pathname.slice(1)}_latin`;
    await ask(`create database ${name} encoding 'LATIN1' locale_provider libc locale 'C' template template0`);
    onTestFinished(async () => {
      await ask(`drop database ${name} with (force)`);
    });
    const latin = Object.assign(new URL(url), { pathname: `/${name}` }).href;
    await expect(openAt(latin)).rejects.toEqual(failure('store_unavailable', /LATIN1/));
  });

  it('keeps what was committed even where it is told not to wait for the disk', async () => {
    const { url, ask } = await emptyDatabase();
    await ask(`alter database ${new URL(url).pathname.slice(1)} set synchronous_commit = off`);
    const pool = new PostgresPool(parsePostgresUrl(url, {}));
    onTestFinished(() => pool.close());
    const settings = await pool.connection.all("select current_setting('synchronous_commit') as value", []);
    expect(settings).toEqual([{ value: 'on' }]);
  });
});

describe('a check of the schema', () => {
  it.each([
    ['a table of somebody else', 'create table mine (id int)', /table|relation mine/],
    ['an index that was lost', 'drop index credential_by_due', /index credential_by_due is missing/],
    [
      'a column of another type',
      'alter table owner alter column created_at type numeric',
      /owner.created_at/,
    ],
    [
      'a constraint that was lost',
      'alter table access_token drop constraint access_token_times',
      /access_token/,
    ],
    [
      'a trigger that copies what is written',
      `create function spy() returns trigger language plpgsql as 'begin return new; end';
       create trigger spy before insert on version_hash for each row execute function spy()`,
      /trigger version_hash.spy is not part of a store/,
    ],
    [
      'what came into the schema after the store was opened',
      "create function credctl.trap() returns int language sql as 'select 1'",
      /the function "credctl\.trap\(\)" is not part of a store/,
    ],
    ['a function that was lost', 'drop function purge_tokens', /the function purge_tokens is missing/],
    [
      'a function that everybody may call',
      'grant execute on function purge_tokens to public',
      /every role may call it/,
    ],
  ])('finds %s', async (_what, sql, message) => {
    const fresh = await opened(POSTGRES_18, { prefix: 'acme' });
    await fresh.ask(sql);
    const found = await fresh.store.check(START);
    expect(found.map((finding) => finding.message).join('\n')).toMatch(message);
    expect(found.every((finding) => finding.check === 'schema')).toBe(true);
  });
});
