import { readFileSync } from 'node:fs';
import Database from 'better-sqlite3';
import { expect, it, onTestFinished } from 'vitest';
import { openStoreAt } from '../../../src/storage/open.js';
import { SCHEMA_NUMBER } from '../../../src/storage/schema/number.js';
import { newStorePlan, SQLITE, storeSystem } from '../../support/stores/stores.js';
import { opened } from '../contract/opened.js';

/** A file whose header has one number of a schema, and the log beside it a later one. */
async function withNumbers(inHeader: number, inLog: number): Promise<string> {
  const { path, store } = await opened(SQLITE);
  await store.close();
  // As long as this connection is open, no other one takes the log into the file at its end.
  const holder = new Database(path);
  onTestFinished(() => void holder.close());
  holder.pragma(`user_version = ${inHeader}`);
  holder.pragma('wal_checkpoint(truncate)');
  holder.pragma('wal_autocheckpoint = 0');
  holder.pragma(`user_version = ${inLog}`);
  expect(readFileSync(path).readUInt32BE(60)).toBe(inHeader);
  return path;
}

const openAt = (path: string) =>
  openStoreAt(path, storeSystem(), {
    whenMissing: 'refuse',
    newStore: async () => newStorePlan(),
    onCreated: () => {},
  });

it('a store is opened where a migration was killed before its log came into the file', async () => {
  const store = await openAt(await withNumbers(SCHEMA_NUMBER - 1, SCHEMA_NUMBER));
  expect((await store.statistics()).schema).toBe(SCHEMA_NUMBER);
  await store.close();
});

it('a store is refused where the log is of a newer program, though the file is not yet', async () => {
  const path = await withNumbers(SCHEMA_NUMBER, SCHEMA_NUMBER + 1);
  await expect(openAt(path)).rejects.toMatchObject({
    code: 'store_unavailable',
    message: expect.stringContaining(`was written by a newer credctl (schema ${SCHEMA_NUMBER + 1})`),
  });
});
