import { copyFileSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, it, onTestFinished } from 'vitest';
import { withLog } from '../../../src/storage/sqlite/file/log-replay.js';
import { temporaryDirectory } from '../../support/stores/stores.js';

const PAGE = 512;
const FRAME = 24 + PAGE;

/** A database in WAL mode whose log nothing writes into it, unless it is told to. */
function openLogged() {
  const directory = temporaryDirectory();
  const path = join(directory.path, 'logged.db');
  const database = new Database(path);
  onTestFinished(() => {
    database.close();
    directory.dispose();
  });
  database.exec(
    `pragma page_size = ${PAGE}; pragma journal_mode = wal; pragma wal_autocheckpoint = 0; create table t (n, text)`,
  );
  database.pragma('wal_checkpoint(truncate)');
  const insert = database.prepare("insert into t values (?, printf('%.*c', 300, 'x'))");
  return {
    database,
    path,
    add: (...numbers: readonly number[]) =>
      database.transaction(() => void numbers.map((n) => insert.run(n)))(),
    file: () => readFileSync(path),
    log: () => (existsSync(`${path}-wal`) ? readFileSync(`${path}-wal`) : Buffer.alloc(0)),
  };
}

/** What SQLite reads in a database: the numbers, once all of it has been found in order. */
function numbersIn(content: Buffer): readonly number[] {
  const database = new Database(content, { readonly: true });
  try {
    expect(database.pragma('integrity_check', { simple: true })).toBe('ok');
    return database.prepare<[], number>('select n from t order by n').pluck().all();
  } finally {
    database.close();
  }
}

describe('a database with its log', () => {
  it('is what SQLite itself reads', () => {
    const { database, path, add, file, log } = openLogged();
    add(1);
    add(2, 3, 4, 5, 6, 7, 8, 9);
    database.exec('delete from t where n % 2 = 0; update t set n = n + 100 where n > 5');
    copyFileSync(path, `${path}.copy`);
    copyFileSync(`${path}-wal`, `${path}.copy-wal`);
    const other = new Database(`${path}.copy`);
    const expected = other.prepare<[], number>('select n from t order by n').pluck().all();
    other.close();
    expect(numbersIn(withLog(file(), log()))).toEqual(expected);
    expect(expected).toEqual([1, 3, 5, 107, 109]);
  });

  it('is the database alone where there is no log, or an empty one', () => {
    const { database, add, file } = openLogged();
    add(1, 2);
    database.pragma('wal_checkpoint(truncate)');
    expect(numbersIn(withLog(file(), Buffer.alloc(0)))).toEqual([1, 2]);
  });

  it('holds what was committed, wherever the log breaks off', () => {
    const { add, file, log } = openLogged();
    const commits = [{ bytes: 0, numbers: [] as number[] }];
    for (let n = 0; n < 5; n += 1) {
      add(n, n + 10);
      commits.push({ bytes: log().length, numbers: [...(commits.at(-1)?.numbers ?? []), n, n + 10] });
    }
    const whole = log();
    for (let length = 0; length <= whole.length; length += 97) {
      const last = commits.findLast(({ bytes }) => bytes <= length);
      const expected = [...(last?.numbers ?? [])].sort((a, b) => a - b);
      expect(numbersIn(withLog(file(), whole.subarray(0, length)))).toEqual(expected);
    }
  });

  it('ends before the first frame that is damaged', () => {
    const { add, file, log } = openLogged();
    add(1);
    const begin = log().length;
    add(2);
    for (const at of [begin + 3, begin + 9, begin + 17, begin + FRAME - 1]) {
      const damaged = log();
      damaged[at] = (damaged[at] ?? 0) ^ 1;
      expect(numbersIn(withLog(file(), damaged))).toEqual([1]);
    }
  });

  it('ends where an earlier log begins that has not been written over', () => {
    const { database, add, file, log } = openLogged();
    add(...Array.from({ length: 50 }, (_, n) => n));
    database.pragma('wal_checkpoint(restart)');
    add(99);
    database.exec('delete from t where n < 49');
    database.pragma('wal_checkpoint(restart)');
    add(100);
    expect(log().length).toBeGreaterThan(20 * FRAME);
    expect(numbersIn(withLog(file(), log()))).toEqual([49, 99, 100]);
  });

  it('is shorter where the log has made it so', () => {
    const { database, add, file, log } = openLogged();
    add(...Array.from({ length: 50 }, (_, n) => n));
    database.pragma('wal_checkpoint(truncate)');
    database.exec('delete from t where n > 0; vacuum');
    const whole = withLog(file(), log());
    expect(whole.length).toBeLessThan(file().length);
    expect(numbersIn(whole)).toEqual([0]);
  });
});
