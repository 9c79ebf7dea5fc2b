import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';
import Database from 'better-sqlite3';
import { describe, expect, it, onTestFinished } from 'vitest';
import { SCHEMA_NUMBER } from '../../../src/storage/schema/number.js';
import { openDatabase } from '../../../src/storage/sqlite/connection.js';
import type { SqliteDatabase } from '../../../src/storage/sqlite/driver/database.js';
import { SqliteStore } from '../../../src/storage/sqlite/store.js';
import { DATABASE_CLASS } from '../../support/build/sqlite-under-test.js';
import { START } from '../../support/dependencies/fixed-clock.js';
import { SQLITE, type SqliteTestStore } from '../../support/stores/stores.js';
import { added, existing, hashOf } from '../contract/opened.js';
import { aNewCredential, anEntry, failure } from '../fixtures.js';

async function sqliteFile(): Promise<SqliteTestStore> {
  const files = await SQLITE.create();
  onTestFinished(() => files.dispose());
  return files;
}

/** A store on a connection that the test can look into. */
function storeOn(database: SqliteDatabase, path: string): SqliteStore {
  const store = new SqliteStore(database, path);
  onTestFinished(() => store.close());
  return store;
}

/** Holds the write lock in another process for that long; resolves once it has it. */
async function lockElsewhere(path: string, milliseconds: number): Promise<void> {
  const program = `
    const Database = ${DATABASE_CLASS};
    const database = new Database(${JSON.stringify(path)});
    database.exec('begin immediate');
    process.stdout.write('locked');
    setTimeout(() => { database.exec('commit'); database.close(); }, ${milliseconds});`;
  const child = spawn(process.execPath, ['-e', program], { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  await once(existing(child.stdout), 'data');
}

describe('every connection to an SQLite store', () => {
  it.each<readonly [string, string, string | number]>([
    ['writes ahead', 'journal_mode', 'wal'],
    ['waits for the disk with every commit', 'synchronous', 2],
    ['waits half a minute for others', 'busy_timeout', 30_000],
    ['checks references', 'foreign_keys', 1],
    ['overwrites what is deleted', 'secure_delete', 1],
    ['does not trust functions in the schema', 'trusted_schema', 0],
    ['checks the pages that it reads', 'cell_size_check', 1],
    ['finds the mark of this program', 'application_id', Buffer.from('cctl').readUInt32BE()],
    ['finds the number of the schema', 'user_version', SCHEMA_NUMBER],
  ])('%s', async (_what, pragma, expected) => {
    const { path } = await sqliteFile();
    const database = openDatabase(path);
    onTestFinished(() => {
      database.close();
    });
    expect(database.pragma(pragma, { simple: true })).toBe(expected);
  });

  it('still waits half a minute after the store was scrubbed', async () => {
    const { path } = await sqliteFile();
    const database = openDatabase(path);
    await storeOn(database, path).scrub();
    expect(database.pragma('busy_timeout', { simple: true })).toBe(30_000);
  });
});

describe('a write transaction', () => {
  it('has the write lock from its beginning, while others go on reading', async () => {
    const { store, path } = await sqliteFile();
    const other = new Database(path, { timeout: 0 });
    onTestFinished(() => {
      other.close();
    });
    await store.write(async () => {
      expect(() => other.exec('begin immediate')).toThrow(/locked/);
      expect(other.prepare('select count(*) as n from credential').get()).toEqual({ n: 0 });
    });
    other.exec('begin immediate; rollback');
  });

  it('waits for a writer in another process, and loses nothing', async () => {
    const { store, path } = await sqliteFile();
    const impatient = new Database(path, { timeout: 0 });
    onTestFinished(() => {
      impatient.close();
    });
    await lockElsewhere(path, 1_000);
    expect(() => impatient.exec('begin immediate')).toThrow(/locked/);
    const credential = await added(store);
    expect(await store.findCredential(credential.id)).toEqual(credential);
  });

  it('gives up on a store that stays busy, changes nothing, and works again later', async () => {
    const { path } = await sqliteFile();
    const database = openDatabase(path);
    database.pragma('busy_timeout = 20');
    const store = storeOn(database, path);
    const blocker = new Database(path);
    onTestFinished(() => {
      blocker.close();
    });
    blocker.exec('begin immediate');
    await expect(added(store)).rejects.toEqual(failure('store_unavailable', /for too long/));
    expect((await store.statistics()).credentials).toBe(0);
    blocker.exec('rollback');
    await added(store);
    expect((await store.statistics()).credentials).toBe(1);
  });

  it('reports a full disk, leaves nothing behind, and works again later', async () => {
    const { path } = await sqliteFile();
    const database = openDatabase(path);
    const store = storeOn(database, path);
    const pages = Number(database.pragma('page_count', { simple: true }));
    database.pragma(`max_page_count = ${pages + 4}`);
    const fill = store.write(async (tx) => {
      await tx.appendAudit(anEntry(), START);
      for (;;) await tx.insertCredential(aNewCredential({ description: 'x'.repeat(1_000) }));
    });
    await expect(fill).rejects.toEqual(failure('store_unavailable', /no space/));
    expect((await store.statistics()).credentials).toBe(0);
    expect(await store.verifyAudit(null)).toMatchObject({ valid: true, events: 1 });
    database.pragma('max_page_count = 100000');
    await added(store);
    expect((await store.statistics()).credentials).toBe(1);
  });

  it('keeps its own error when the database has taken everything back already', async () => {
    const { path } = await sqliteFile();
    const database = openDatabase(path);
    const store = storeOn(database, path);
    const work = store.write(async (tx) => {
      await tx.appendAudit(anEntry(), START);
      database.exec('rollback');
      throw new RangeError('the reason');
    });
    await expect(work).rejects.toThrow('the reason');
    await added(store);
  });

  it('reports a store that it may only read', async () => {
    const { path } = await sqliteFile();
    const store = storeOn(new Database(path, { readonly: true }), path);
    await expect(added(store)).rejects.toEqual(failure('store_unavailable', /read-only/));
  });
});

describe('what was deleted', () => {
  it('is gone from the file and from the log beside it once the store was scrubbed', async () => {
    const { store, path } = await sqliteFile();
    const gone = await added(store, { description: 'marker-of-what-is-deleted' });
    const stays = await added(store, { description: 'marker-of-what-stays' });
    const hash = hashOf(existing(gone.versions[0]).id);
    const traces = () =>
      [path, `${path}-wal`].map((file) => {
        const bytes = readFileSync(file);
        return ['marker-of-what-is-deleted', hash].filter((marker) => bytes.includes(marker));
      });
    expect(traces().flat()).not.toEqual([]);
    await store.write((tx) => tx.deleteCredential(gone.id, START));
    expect(await store.scrub()).toBe('done');
    expect(traces()).toEqual([[], []]);
    expect(readFileSync(path).includes('marker-of-what-stays')).toBe(true);
    expect(await store.findCredential(stays.id)).toEqual(stays);
  });

  it('is said to remain while another process holds the log back', async () => {
    const { store, path } = await sqliteFile();
    const gone = await added(store);
    const reader = new Database(path);
    onTestFinished(() => {
      reader.close();
    });
    reader.exec('begin');
    reader.prepare('select * from credential').all();
    await store.write((tx) => tx.deleteCredential(gone.id, START));
    expect(await store.scrub()).toBe('log-held');
    reader.exec('commit');
    expect(await store.scrub()).toBe('done');
  });
});

describe('damage to the file', () => {
  it.each([
    ['a table that is missing', 'drop table tombstone'],
    ['an index that is missing', 'drop index credential_by_owner'],
    ['a trigger that nobody knows', 'create trigger t after insert on version begin select 1; end'],
    ['a column that nobody knows', 'alter table credential add column secret text'],
  ])('is found by a check: %s', async (_what, sql) => {
    const { store, tamper } = await sqliteFile();
    await tamper(sql);
    expect(await store.check(START)).toContainEqual(
      expect.objectContaining({ check: 'schema', severity: 'error' }),
    );
  });

  it('is found by a check, or said when it gets in the way', async () => {
    const { store, path, connect } = await sqliteFile();
    for (let index = 0; index < 40; index += 1) await added(store, { description: 'x'.repeat(900) });
    await store.scrub();
    await store.close();
    overwritePageOf(path, 'credential_by_type');
    const found = await (await connect()).check(START).catch((fault: unknown) => fault);
    expect(found).toSatisfy(
      (value) =>
        (Array.isArray(value) &&
          value.some(({ check, severity }) => check === 'pages' && severity === 'error')) ||
        (value instanceof Error && 'code' in value && value.code === 'integrity'),
    );
  });
});

/** Writes nonsense over the middle of the first page of an index. */
function overwritePageOf(path: string, index: string): void {
  const database = new Database(path);
  const sql = 'select rootpage as page from sqlite_schema where name = ?';
  const { page } = existing(database.prepare<[string], { page: number }>(sql).get(index));
  const size = Number(database.pragma('page_size', { simple: true }));
  database.close();
  const descriptor = openSync(path, 'r+');
  writeSync(descriptor, Buffer.alloc(200, 0x5a), 0, 200, (page - 1) * size + 8);
  closeSync(descriptor);
}
