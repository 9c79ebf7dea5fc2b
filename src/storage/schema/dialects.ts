import type { Engine } from '../engine.js';

/** What the engines write differently in the definition of a table. */
export interface Dialect {
  readonly engine: Engine['name'];
  /** The type of texts that compare byte by byte. */
  readonly text: string;
  /** Stands after a table whose rows are small and found by their key: they lie in its tree, which spares a second look-up. */
  readonly keyed: string;
}

export const SQLITE: Dialect = { engine: 'sqlite', text: 'text', keyed: ' without rowid' };

/** Without a collation, texts compare as the locale of the database says. */
export const POSTGRES: Dialect = { engine: 'postgres', text: 'text collate "C"', keyed: '' };
