import { describe, expect, it, onTestFinished } from 'vitest';
import type { StorePlacing } from '../../../../src/domain/ports/store-placing.js';
import { initStoreAt } from '../../../../src/storage/open.js';
import {
  POSTGRES_ENGINES,
  type PostgresEngine,
  type TestDatabase,
} from '../../../support/postgres/stores.js';
import { newStorePlan, storeSystem } from '../../../support/stores/stores.js';
import { openAt } from '../../files.js';

const SAME = { kind: 'same' };

const nameOf = ({ url }: TestDatabase): string => new URL(url).pathname.slice(1);

async function made(engine: PostgresEngine): Promise<TestDatabase> {
  const database = await engine.database();
  onTestFinished(() => database.drop());
  await (await initStoreAt(database.url, storeSystem(), newStorePlan())).close();
  return database;
}

async function cloneOf(engine: PostgresEngine, template: TestDatabase): Promise<TestDatabase> {
  const database = await engine.database(nameOf(template));
  onTestFinished(() => database.drop());
  return database;
}

async function placing({ url }: TestDatabase): Promise<StorePlacing> {
  const store = await openAt(url, { whenMissing: 'refuse' });
  const found = await store.placing();
  await store.close();
  return found;
}

async function change({ url }: TestDatabase, newId?: string): Promise<void> {
  const store = await openAt(url, { whenMissing: 'refuse' });
  await store.write(async (tx) => {
    if (newId !== undefined) await tx.replaceStoreId(newId);
  });
  await store.close();
}

describe.each(POSTGRES_ENGINES)('a store in a database of $label', (engine) => {
  it('is where it was made', async () => {
    const original = await made(engine);
    expect(await placing(original)).toEqual(SAME);
    await change(original);
    expect(await placing(original)).toEqual(SAME);
  });

  it('that was cloned is a copy for as long as the original is there, whatever is written to it', async () => {
    const original = await made(engine);
    const clone = await cloneOf(engine, original);
    const copy = { kind: 'copy', of: `the database "${nameOf(original)}"` };
    expect(await placing(clone)).toEqual(copy);
    await change(clone);
    expect([await placing(clone), await placing(original)]).toEqual([copy, SAME]);
  });

  it('is a copy until it is another store by its id', async () => {
    const original = await made(engine);
    const clone = await cloneOf(engine, original);
    await change(clone, 'another');
    expect(await placing(clone)).toEqual(SAME);
    expect((await placing(await cloneOf(engine, clone))).kind).toBe('copy');
  });

  it('is the same under another name, and its clone under the name that it had is a copy', async () => {
    const original = await made(engine);
    const name = nameOf(original);
    const server = await engine.database();
    onTestFinished(() => server.drop());
    await server.ask(`alter database ${name} rename to ${name}_old`);
    await server.ask(`create database ${name} template ${name}_old`);
    const renamed = { ...original, url: original.url.replace(name, `${name}_old`) };
    onTestFinished(() => server.ask(`drop database ${name}_old with (force)`).then(() => {}));
    expect(await placing(original)).toEqual({ kind: 'copy', of: `the database "${name}_old"` });
    expect(await placing(renamed)).toEqual(SAME);
    await change(renamed);
    expect(await placing(renamed)).toEqual(SAME);
  });

  it('was moved where the original is gone, which the next change remembers', async () => {
    const original = await made(engine);
    const clone = await cloneOf(engine, original);
    const server = await engine.database();
    onTestFinished(() => server.drop());
    await server.ask(`alter database ${nameOf(original)} rename to ${nameOf(original)}_gone`);
    await server.ask(`drop database ${nameOf(original)}_gone`);
    await server.ask(`create database ${nameOf(original)}`);
    expect(await placing(clone)).toEqual({ kind: 'moved', from: `the database "${nameOf(original)}"` });
    await change(clone);
    expect(await placing(clone)).toEqual(SAME);
  });

  it.each([
    ['in another cluster, as after pg_upgrade', { cluster: '1' }, 'moved'],
    ['under its name, as after a dump and a restore', { oid: '4294967295' }, 'same'],
  ])('that was made anew %s is no copy', async (_how, changed, kind) => {
    const database = await made(engine);
    const [row] = await database.ask<{ place: string }>('select place from store');
    const place = JSON.stringify({ ...JSON.parse(row?.place ?? ''), ...changed });
    await database.ask('update store set place = ?', place);
    expect((await placing(database)).kind).toBe(kind);
    await change(database);
    expect([await placing(database), await database.ask('select place from store')]).toEqual([SAME, [row]]);
  });

  it.each(['{', 'null', '{"path":"/a","device":"1","inode":"1","machine":"x"}'])(
    'remembers its place anew where it cannot be read: %s',
    async (text) => {
      const database = await made(engine);
      const [row] = await database.ask('select place from store');
      await database.ask('update store set place = ?', text);
      expect(await placing(database)).toEqual(SAME);
      await change(database);
      expect(await database.ask('select place from store')).toEqual([row]);
    },
  );

  it('works where the login may not ask for the cluster, and is taken for no copy', async () => {
    const original = await made(engine);
    const clone = await cloneOf(engine, original);
    await clone.ask('revoke execute on function pg_control_system() from public');
    const login = `may_not_${nameOf(clone)}`;
    await clone.ask(`create role ${login} login password 'x'`);
    await clone.ask(`grant usage on schema credctl to ${login}`);
    await clone.ask(`grant select, insert, update, delete on all tables in schema credctl to ${login}`);
    onTestFinished(async () => {
      const server = await engine.database();
      await clone.ask(`drop owned by ${login}`);
      await server.ask(`drop role ${login}`);
      await server.drop();
    });
    const url = Object.assign(new URL(clone.url), { username: login, password: 'x' }).href;
    const restricted = { ...clone, url };
    expect(await placing(restricted)).toEqual(SAME);
    await change(restricted);
    expect((await placing(clone)).kind).toBe('copy');
  });
});
