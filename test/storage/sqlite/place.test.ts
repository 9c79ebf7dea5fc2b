import {
  copyFileSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { StorePlacing } from '../../../src/domain/ports/store-placing.js';
import type { Store } from '../../../src/domain/ports/store-port.js';
import { openSqliteStore } from '../../../src/storage/sqlite/store.js';
import { SQLITE, type SqliteTestStore } from '../../support/stores/stores.js';

interface Place {
  readonly files: SqliteTestStore;
  /** A path beside the store. */
  beside(name: string): string;
}

async function made(): Promise<Place> {
  const files = await SQLITE.create();
  onTestFinished(() => files.dispose());
  await files.store.write(async () => {});
  await files.store.close();
  return { files, beside: (name) => join(dirname(files.path), name) };
}

async function withStore<T>(path: string, look: (store: Store) => Promise<T>): Promise<T> {
  const store = openSqliteStore(path);
  if (store === null) throw new TypeError('there is no store');
  try {
    return await look(store);
  } finally {
    await store.close();
  }
}

const placing = (path: string): Promise<StorePlacing> => withStore(path, (store) => store.placing());
const change = (path: string): Promise<void> => withStore(path, (store) => store.write(async () => {}));

const SAME = { kind: 'same' };

describe('a store in a file', () => {
  it('is where it was made', async () => {
    const { files } = await made();
    expect(await placing(files.path)).toEqual(SAME);
  });

  it('is the same file when it was renamed', async () => {
    const { files, beside } = await made();
    renameSync(files.path, beside('other.db'));
    expect(await placing(beside('other.db'))).toEqual(SAME);
  });

  it('that was renamed is told from a copy of it after a change', async () => {
    const { files, beside } = await made();
    renameSync(files.path, beside('new.db'));
    await change(beside('new.db'));
    copyFileSync(beside('new.db'), beside('copy.db'));
    expect(await placing(beside('copy.db'))).toEqual({ kind: 'copy', of: beside('new.db') });
  });

  it('is a copy for as long as the original is there, whatever is written to it', async () => {
    const { files, beside } = await made();
    const copy = beside('copy.db');
    copyFileSync(files.path, copy);
    expect(await placing(copy)).toEqual({ kind: 'copy', of: files.path });
    await change(copy);
    await change(files.path);
    expect(await placing(copy)).toEqual({ kind: 'copy', of: files.path });
    expect(await placing(files.path)).toEqual(SAME);
    rmSync(files.path);
    expect(await placing(copy)).toEqual({ kind: 'moved', from: files.path });
  });

  it('that was moved to another file system is noted until the next change remembers it', async () => {
    const { files, beside } = await made();
    mkdirSync(beside('elsewhere'), { mode: 0o700 });
    const moved = join(beside('elsewhere'), 'moved.db');
    copyFileSync(files.path, moved);
    rmSync(files.path);
    expect(await placing(moved)).toEqual({ kind: 'moved', from: files.path });
    await change(moved);
    expect(await placing(moved)).toEqual(SAME);
    copyFileSync(moved, beside('copy.db'));
    expect(await placing(beside('copy.db'))).toEqual({ kind: 'copy', of: moved });
  });

  it('that was replaced by a copy of itself is no copy', async () => {
    const { files, beside } = await made();
    copyFileSync(files.path, beside('aside.db'));
    renameSync(beside('aside.db'), files.path);
    expect(await placing(files.path)).toEqual(SAME);
    await change(files.path);
    expect(await placing(files.path)).toEqual(SAME);
  });

  it.each<readonly [string, (path: string, original: string) => unknown, StorePlacing['kind']]>([
    ['nothing', () => {}, 'moved'],
    ['a file of something else', (path) => writeFileSync(path, 'x'.repeat(4096)), 'moved'],
    ['a directory', (path) => mkdirSync(path), 'moved'],
    ['a link to this very file', (path, original) => symlinkSync(original, path), 'moved'],
    [
      'a link to the original',
      (path) => {
        renameSync(`${path}.kept`, `${path}.original`);
        symlinkSync(`${path}.original`, path);
      },
      'copy',
    ],
  ])('where %s stands where it was', async (_what, put, kind) => {
    const { files, beside } = await made();
    const copy = beside('copy.db');
    copyFileSync(files.path, copy);
    renameSync(files.path, `${files.path}.kept`);
    put(files.path, copy);
    expect((await placing(copy)).kind).toBe(kind);
  });

  it('where another store stands where it was is a store that was moved', async () => {
    const [one, other] = [await made(), await made()];
    await other.files.tamper('update store set store_id = ?', 'another');
    await withStore(other.files.path, (store) => store.scrub());
    const copy = one.beside('copy.db');
    copyFileSync(one.files.path, copy);
    copyFileSync(other.files.path, one.files.path);
    expect(await placing(copy)).toEqual({ kind: 'moved', from: one.files.path });
  });

  it('is taken for a copy where the file that stands there is damaged', async () => {
    const { files, beside } = await made();
    copyFileSync(files.path, beside('copy.db'));
    const content = readFileSync(files.path);
    writeFileSync(files.path, content.fill(7, 200));
    expect((await placing(beside('copy.db'))).kind).toBe('copy');
  });

  it.each([['{'], ['null'], ['{"path":1}']])(
    'remembers its place anew where it cannot be read: %s',
    async (text) => {
      const { files } = await made();
      await files.tamper('update store set place = ?', text);
      expect(await placing(files.path)).toEqual(SAME);
      await change(files.path);
      const [row] = await files.ask<{ place: string }>('select place from store');
      expect(JSON.parse(row?.place ?? '')).toMatchObject({ path: files.path });
    },
  );

  it('remembers another machine at the same path without a word', async () => {
    const { files } = await made();
    const [row] = await files.ask<{ place: string }>('select place from store');
    const place = JSON.parse(row?.place ?? '');
    await files.tamper('update store set place = ?', JSON.stringify({ ...place, machine: 'x', inode: '1' }));
    expect(await placing(files.path)).toEqual(SAME);
    await change(files.path);
    expect(await files.ask('select place from store')).toEqual([row]);
  });
});
