import type { SqlConnection, SqlValue } from '../sql/connection.js';
import type { SqliteDatabase } from './driver/database.js';
import { sqliteFault } from './fault.js';
import { StatementCache } from './statement-cache.js';
import { newestToIndex } from './text-index.js';

/** A database as the connection that the shared SQL uses, with a cache of prepared statements. */
export function sqliteConnection(database: SqliteDatabase, path: string): SqlConnection {
  const prepared = new StatementCache(database);
  const attempt = <T>(action: () => T): T => {
    try {
      return action();
    } catch (fault) {
      throw sqliteFault(fault, path);
    }
  };
  return {
    hasStaticPlanner: true,
    indexTexts: async (newest) =>
      attempt(() => {
        for (const text of newestToIndex(newest)) prepared.statement(text).run();
      }),
    all: async <Row>(text: string, parameters: readonly SqlValue[]) =>
      attempt(() => prepared.statement<Row>(text).all(...parameters)),
    tuples: async <Row extends readonly SqlValue[]>(text: string, parameters: readonly SqlValue[]) =>
      attempt(() => prepared.inTuples<Row>(text).all(...parameters)),
    run: async (text, parameters) => attempt(() => void prepared.statement(text).run(...parameters)),
  };
}
