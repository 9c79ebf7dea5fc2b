import type { Engine } from '../engine.js';

/** Differences between the engines in table definitions. */
export interface Dialect {
  readonly engine: Engine['name'];
  /** The type of texts with bytewise comparison. */
  readonly text: string;
  /**
   * Suffix for tables of small rows that are found by key: WITHOUT ROWID stores them in the key's B-tree, which
   * saves a second lookup.
   */
  readonly keyed: string;
}

export const SQLITE: Dialect = { engine: 'sqlite', text: 'text', keyed: ' without rowid' };

/** Collation "C": bytewise comparison, independent of the database's locale. */
export const POSTGRES: Dialect = { engine: 'postgres', text: 'text collate "C"', keyed: '' };
