import type { SqliteOptions } from '../../../src/storage/sqlite/driver/database.js';
import { NodeDatabase } from '../../../src/storage/sqlite/driver/node-database.js';
import { nodeSqlite } from '../../../src/storage/sqlite/driver/node-sqlite.js';

const nodes = nodeSqlite();

/** In place of better-sqlite3 for what tests themselves ask of a file, with `TEST_SQLITE=node`. */
export default class Database extends NodeDatabase {
  constructor(file: string | Buffer, options: SqliteOptions = {}) {
    if (nodes === null) throw new Error(`Node.js ${process.version} has no node:sqlite to test with`);
    super(nodes, file, options);
  }

  /** A function that runs `work` in a transaction. */
  transaction<Arguments extends unknown[], Result>(
    work: (...values: Arguments) => Result,
  ): (...values: Arguments) => Result {
    return (...values) => {
      this.exec('begin');
      try {
        const result = work(...values);
        this.exec('commit');
        return result;
      } finally {
        if (this.inTransaction) this.exec('rollback');
      }
    };
  }
}
