import { chmodSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Credential } from '../../../src/domain/credential/credential.js';
import { openDatabase } from '../../../src/storage/sqlite/connection.js';
import { openSqliteStore } from '../../../src/storage/sqlite/store.js';
import { fillTextIndex, INDEXED_AT_ONCE } from '../../../src/storage/sqlite/text-index.js';
import { START } from '../../support/dependencies/fixed-clock.js';
import { times } from '../../support/faults/concurrently.js';
import { SQLITE, type SqliteTestStore } from '../../support/stores/stores.js';
import { added, existing } from '../contract/opened.js';
import { aNewCredential, aVersion } from '../fixtures.js';

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
  const behind = openDatabase(path);
  fillTextIndex(behind);
  behind.close();
  await store.write((tx) => tx.updateCredential(edited.id, { description: 'plain' }));
  await store.write((tx) => tx.deleteCredential(deleted.id, START));
  expect(await store.scrub()).toBe('done');
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

it('finds what is not in the index yet, and puts it in once there is much of it', async () => {
  const { store } = fresh;
  const found = async (search: string) =>
    (await store.listCredentials({ now: START, sort: 'name', limit: 500, search })).items.map(
      ({ name }) => name,
    );
  const birds = times(INDEXED_AT_ONCE + 2).map((n) => `bird-${String(n).padStart(4, '0')}`);
  const [before, ...gone] = birds.slice(-5);
  await addAll(birds.slice(0, -3));
  expect(await reached()).toBe(0);
  expect(await found('bird-')).toEqual(birds.slice(0, -3));
  await addAll(birds.slice(-3));
  expect(await reached()).toBe(INDEXED_AT_ONCE);
  expect(await found('bird-')).toEqual(birds);
  for (const name of gone) expect(await found(name)).toEqual([name]);

  for (const name of gone) await remove(name);
  expect(await found('bird-')).toEqual(birds.slice(0, -4));
  // It has the number of one that was in the index, which it is not.
  await addAll(['late-bird-1']);
  expect(await found('late-bird')).toEqual(['late-bird-1']);
  expect(await reached()).toBe(INDEXED_AT_ONCE - 2);
  await rename(existing(before), 'owl-in-the-index');
  await rename('late-bird-1', 'owl-beside-it');
  expect(await found('owl-')).toEqual(['owl-beside-it', 'owl-in-the-index']);
  expect(await found('bird-')).toEqual(birds.slice(0, -5));
});

it('holds all that it reaches, whatever was deleted and changed meanwhile', async () => {
  const names = times(INDEXED_AT_ONCE).map((n) => `bot-${n}`);
  await addAll(names);
  await rename('bot-7', 'seven');
  for (const name of ['bot-3', `bot-${INDEXED_AT_ONCE - 1}`, `bot-${INDEXED_AT_ONCE - 2}`])
    await remove(name);
  await addAll(['again-1', 'again-2', 'again-3']);
  expect(await reached()).toBe(INDEXED_AT_ONCE);
  await remove('again-3');
  await remove('again-1');
  const database = openDatabase(fresh.path);
  database.exec('delete from credential where key > (select reaches from text_index)');
  // Compares every text with what the index has of it.
  database.exec("insert into credential_text (credential_text, rank) values ('integrity-check', 1)");
  database.close();
});

function addAll(names: readonly string[]): Promise<void> {
  return fresh.store.write(async (tx) => {
    for (const name of names) {
      const credential = aNewCredential({ name });
      await tx.insertCredential(credential);
      await tx.insertVersion({
        version: aVersion({ credentialId: credential.id }),
        hash: `$sha256$${'0'.repeat(64)}`,
      });
    }
  });
}

async function remove(name: string): Promise<void> {
  const { id } = existing(await fresh.store.findCredential(name));
  await fresh.store.write((tx) => tx.deleteCredential(id, START));
}

async function rename(name: string, to: string): Promise<void> {
  const { id } = existing(await fresh.store.findCredential(name));
  await fresh.store.write((tx) => tx.updateCredential(id, { name: to }));
}

async function reached(): Promise<number | undefined> {
  return (await fresh.ask<{ reaches: number }>('select reaches from text_index'))[0]?.reaches;
}
