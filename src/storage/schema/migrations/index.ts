import type { Dialect } from '../dialects.js';
import { createFirstSchema } from './002-first.js';
import { noteReceipts } from './003-receipts.js';
import { boundTimes } from './004-bounds.js';
import { noteHashPolicies } from './004-policies.js';

/** One step forward. */
export interface Migration {
  /** The number of the schema that it comes to. */
  readonly to: number;
  /** What it runs, in this order, within one transaction. */
  statements(dialect: Dialect): readonly string[];
}

/** Every migration there has ever been, oldest first; the first makes a store of nothing. Existing entries never change. */
export const MIGRATIONS: readonly Migration[] = [
  { to: 2, statements: createFirstSchema },
  { to: 3, statements: noteReceipts },
  { to: 4, statements: (dialect) => [...boundTimes(dialect), ...noteHashPolicies(dialect)] },
];
