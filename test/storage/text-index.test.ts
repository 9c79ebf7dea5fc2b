import { chmodSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Credential } from '../../src/domain/credential.js';
import { openSqliteStore } from '../../src/storage/sqlite.js';
import { START } from '../support/fixed-clock.js';
import { SQLITE, type SqliteTestStore } from '../support/stores.js';
import { added, existing } from './contract/opened.js';

let fresh: SqliteTestStore;
beforeEach(async () => {
  fresh = await SQLITE.create();
});
afterEach(() => fresh.dispose());

it('keeps nothing of a description that was deleted or replaced', async () => {
  const { store, path } = fresh;
  const [deleted, edited] = [
    await added(store, { name: 'one', description: 'xylophone' }),
    await added(store, { name: 'two', description: 'quetzal' }),
  ];
  await store.write((tx) => tx.deleteCredential(deleted.id, START));
  await store.write((tx) => tx.updateCredential(edited.id, { description: 'plain' }));
  expect(await store.scrub()).toBe(true);
  const database = new Database(path, { readonly: true });
  database.exec("create virtual table temp.terms using fts5vocab('main', 'credential_text', 'row')");
  const terms = database.prepare<[], string>('select term from terms').pluck().all();
  database.close();
  expect(terms).toEqual(['ain', 'lai', 'pla', 'two']);
  const bytes = readFileSync(path, 'latin1');
  for (const rest of ['xylo', 'phone', 'quet', 'tzal']) expect(bytes).not.toContain(rest);
});

it('finds in a copy what it finds in the store, where rows are missing between others', async () => {
  const { store, path } = fresh;
  const made: Credential[] = [];
  for (const word of ['alpha', 'bravo', 'charlie', 'delta', 'echo']) {
    made.push(await added(store, { name: word, description: `about ${word}` }));
  }
  for (const gone of [0, 2]) {
    await store.write((tx) => tx.deleteCredential(existing(made[gone]).id, START));
  }
  const copy = join(path, '..', 'copy.db');
  const database = new Database(path);
  database.prepare('vacuum into ?').run(copy);
  database.exec('vacuum');
  database.close();
  for (const at of [copy, path]) {
    chmodSync(at, 0o600);
    const opened = openSqliteStore(at);
    const found = async (search: string) =>
      (await opened?.listCredentials({ now: START, sort: 'name', limit: 50, search }))?.items.map(
        ({ name }) => name,
      );
    expect(await found('about ')).toEqual(['bravo', 'delta', 'echo']);
    expect(await found('about delta')).toEqual(['delta']);
    await opened?.close();
  }
});
