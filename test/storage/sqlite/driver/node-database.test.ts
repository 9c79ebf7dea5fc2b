import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { NodeDatabase } from '../../../../src/storage/sqlite/driver/node-database.js';
import { nodeSqlite } from '../../../../src/storage/sqlite/driver/node-sqlite.js';
import { temporaryDirectory } from '../../../support/stores/stores.js';

const nodes = nodeSqlite();

/** A path in a directory of its own. */
function path(name = 'a.db'): string {
  const directory = temporaryDirectory();
  onTestFinished(() => directory.dispose());
  return join(directory.path, name);
}

if (nodes === null) {
  it('has no counterpart in a Node.js before 22.16', () => {
    const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
    expect(major < 22 || (major === 22 && minor < 16)).toBe(true);
  });
} else {
  const open = (...[file, options = {}]: readonly [string | Buffer, object?]): NodeDatabase => {
    const database = new NodeDatabase(nodes, file, options);
    onTestFinished(() => database.close());
    return database;
  };

  describe("a database of Node's own SQLite", () => {
    it('is not made where it must exist, nor where it is to be read', () => {
      const file = path();
      expect(() => open(file, { fileMustExist: true })).toThrow(
        expect.objectContaining({ code: 'SQLITE_CANTOPEN' }),
      );
      expect(() => open(file, { readonly: true })).toThrow(
        expect.objectContaining({ code: 'SQLITE_CANTOPEN' }),
      );
      expect(readdirSync(join(file, '..'))).toEqual([]);
    });

    it.each(['with space.db', 'per%20cent?mode=memory#x.db', 'schlüssel.db', "quo'te\n.db"])(
      'is the file of that name: %j',
      (name) => {
        const file = path(name);
        open(file).exec('create table t (n)');
        open(file, { fileMustExist: true }).exec('insert into t values (1)');
        expect(readdirSync(join(file, '..'))).toEqual([name]);
        expect(open(file, { readonly: true }).prepare('select n from t').all()).toEqual([{ n: 1 }]);
      },
    );

    it('has the settings of better-sqlite3', () => {
      const database = open(path(), { timeout: 123 });
      expect(database.pragma('foreign_keys', { simple: true })).toBe(1);
      expect(database.pragma('busy_timeout', { simple: true })).toBe(123);
      expect(() => database.prepare('select "no such column"')).toThrow(/no such column/);
    });

    it('gives rows as objects, lists or single values', () => {
      const database = open(':memory:');
      const text = "select ? as a, 'x' as b union all select 2, null order by 1";
      expect(database.prepare(text).all(1)).toEqual([
        { a: 1, b: 'x' },
        { a: 2, b: null },
      ]);
      expect(database.prepare(text).raw().all(1)).toEqual([
        [1, 'x'],
        [2, null],
      ]);
      expect(database.prepare(text).pluck().all(1)).toEqual([1, 2]);
      expect(database.prepare(text).raw().get(1)).toEqual([1, 'x']);
      expect(database.prepare('select 1 where false').pluck().get()).toBeUndefined();
    });

    it('rounds integers that a number does not hold, as better-sqlite3 does', () => {
      const database = open(':memory:');
      const text = "select 9223372036854775807 as n, 'x' as b, 1 as one";
      expect(database.prepare(text).all()).toEqual([{ n: 2 ** 63, b: 'x', one: 1 }]);
      expect(database.prepare(text).raw().get()).toEqual([2 ** 63, 'x', 1]);
      const plucked = database.prepare('select ? + 0').pluck();
      expect([plucked.get(1), database.prepare('select -9007199254740993').pluck().get()]).toEqual([
        1,
        -(2 ** 53),
      ]);
    });

    it('tells how many rows a statement has changed', () => {
      const database = open(':memory:');
      database.exec('create table t (n unique)');
      const insert = database.prepare('insert into t values (?) on conflict do nothing');
      expect([insert.run(1).changes, insert.run(1).changes, insert.run(2).changes]).toEqual([1, 0, 1]);
      expect(database.prepare('delete from t').run().changes).toBe(2);
    });

    it('names the code of a fault, extended', () => {
      const file = path();
      const database = open(file);
      database.exec('create table t (n primary key); insert into t values (1)');
      const code = (expected: string) => expect.objectContaining({ code: expected });
      expect(() => database.prepare('insert into t values (1)').run()).toThrow(
        code('SQLITE_CONSTRAINT_PRIMARYKEY'),
      );
      expect(() => database.exec('nonsense')).toThrow(code('SQLITE_ERROR'));
      expect(() => open(file, { readonly: true }).exec('delete from t')).toThrow(code('SQLITE_READONLY'));
      database.exec('begin immediate');
      const other = open(file, { timeout: 0 });
      expect(() => other.exec('begin immediate')).toThrow(code('SQLITE_BUSY'));
    });

    it('knows whether a transaction is open, and takes a second close for none', () => {
      const database = open(path());
      expect(database.inTransaction).toBe(false);
      database.exec('begin');
      expect([database.open, database.inTransaction]).toEqual([true, true]);
      database.close();
      database.close();
      expect([database.open, database.inTransaction]).toEqual([false, false]);
    });

    it('leaves no descriptor behind with statements that were not finished', () => {
      const file = path();
      const database = open(file);
      database.exec('pragma journal_mode = wal; create table t (n); insert into t values (1), (2)');
      const statement = database.prepare('select n from t');
      statement.get();
      database.close();
      const held = readdirSync('/proc/self/fd').flatMap((name) => {
        try {
          return [readlinkSync(`/proc/self/fd/${name}`)];
        } catch {
          return [];
        }
      });
      expect(held.filter((each) => each.startsWith(file))).toEqual([]);
    });

    it('takes the content of a file into memory, where it has no name and can be changed', () => {
      const file = path();
      open(file).exec('create table t (n); insert into t values (7)');
      const before = readdirSync('/dev/shm').filter((name) => name.startsWith('credctl-'));
      const image = open(readFileSync(file));
      image.exec('begin; insert into t values (8); create table u (n); commit');
      image.exec('begin; delete from t; rollback');
      expect(image.prepare('select n from t').pluck().all()).toEqual([7, 8]);
      expect(image.name).toBe(':memory:');
      expect(
        readdirSync('/dev/shm').filter(
          (name) => /^credctl-[0-9a-f]{32}/.test(name) && !before.includes(name),
        ),
      ).toEqual([]);
      expect(open(file).prepare('select n from t').pluck().all()).toEqual([7]);
    });
  });
}

describe("loading Node's own SQLite", () => {
  it('says nothing of its being experimental, and holds back no other warning', () => {
    const heard: unknown[] = [];
    const emit = vi.spyOn(process, 'emitWarning').mockImplementation((warning) => void heard.push(warning));
    const load = vi.spyOn(process, 'getBuiltinModule').mockImplementation(() => {
      process.emitWarning('SQLite is an experimental feature and might change', 'ExperimentalWarning');
      process.emitWarning('another');
      return undefined;
    });
    onTestFinished(() => {
      emit.mockRestore();
      load.mockRestore();
    });
    expect(nodeSqlite()).toBeNull();
    process.emitWarning('later');
    expect(heard).toEqual(['another', 'later']);
  });
});
