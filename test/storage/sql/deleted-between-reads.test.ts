import { expect, it, onTestFinished } from 'vitest';
import type { SqlConnection } from '../../../src/storage/sql/connection.js';
import { SqlReader } from '../../../src/storage/sql/reader.js';
import { openDatabase } from '../../../src/storage/sqlite/connection.js';
import { sqliteConnection } from '../../../src/storage/sqlite/sql-connection.js';
import { START } from '../../support/dependencies/fixed-clock.js';
import { SQLITE, type SqliteTestStore } from '../../support/stores/stores.js';
import { added, opened } from '../contract/opened.js';
import { anEntry } from '../fixtures.js';

/** A reader of the store's file, before whose statement with such a text something happens once. */
function readerOf({ path }: SqliteTestStore, text: string, happen: () => Promise<void>): SqlReader {
  const database = openDatabase(path);
  onTestFinished(() => void database.close());
  const real = sqliteConnection(database, path);
  let pending: (() => Promise<void>) | null = happen;
  const connection: SqlConnection = {
    ...real,
    async tuples(statement, parameters) {
      const now = statement.includes(text) ? pending : null;
      if (now !== null) {
        pending = null;
        await now();
      }
      return real.tuples(statement, parameters);
    },
  };
  return new SqlReader(connection);
}

async function two() {
  const fresh = await opened(SQLITE);
  const gone = await added(fresh.store, { name: 'gone' });
  await added(fresh.store, { name: 'stays' });
  const remove = () =>
    fresh.store.write(async (tx) => {
      await tx.deleteCredential(gone.id, START);
      const target = { kind: 'credential', id: gone.id, name: gone.name } as const;
      await tx.appendAudit(anEntry({ action: 'credential.delete', target }), START);
    });
  return { fresh, gone, remove };
}

it('does not find a credential that is deleted before its versions are read', async () => {
  const { fresh, remove } = await two();
  const reader = readerOf(fresh, 'from version v', remove);
  expect(await reader.findCredential('gone')).toBeNull();
  expect((await reader.findCredential('stays'))?.versions).toHaveLength(1);
});

it('does not list one either', async () => {
  const { fresh, remove } = await two();
  const reader = readerOf(fresh, 'from version v', remove);
  const { items } = await reader.listCredentials({ now: START, sort: 'name', limit: 50 });
  expect(items.map(({ name }) => name)).toEqual(['stays']);
});

it('keeps one without versions that is there, as damage is to be seen', async () => {
  const { fresh, gone } = await two();
  await fresh.tamper('delete from version');
  expect((await fresh.store.findCredential(gone.id))?.versions).toEqual([]);
  const { items } = await fresh.store.listCredentials({ now: START, sort: 'name', limit: 50 });
  expect(items).toHaveLength(2);
});

it('finds the events about a handle whose credential is deleted before its id is read', async () => {
  const { fresh, gone, remove } = await two();
  const reader = readerOf(fresh, 'select id from credential where key', remove);
  const target = `cctl_key_${gone.versions[0]?.id}`;
  const { items } = await reader.listAudit({ target, limit: 50 });
  expect(items.map(({ event }) => event.action)).toEqual(['credential.delete']);
});
