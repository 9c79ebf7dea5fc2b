import type { Dialect } from '../dialects.js';
import { createFirstSchema } from './002-first.js';
import { noteReceipts } from './003-receipts.js';
import { boundTimes } from './004a-bounds.js';
import { noteHashPolicies } from './004b-policies.js';
import { keepLeaks } from './005-leaks.js';

/** One migration. */
export interface Migration {
  /** The schema number that it leads to. */
  readonly to: number;
  /** Its statements, in order, run in one transaction. */
  statements(dialect: Dialect): readonly string[];
}

/** All migrations, oldest first; the first creates a store. Existing entries never change. */
export const MIGRATIONS: readonly Migration[] = [
  { to: 2, statements: createFirstSchema },
  { to: 3, statements: noteReceipts },
  { to: 4, statements: (dialect) => [...boundTimes(dialect), ...noteHashPolicies(dialect)] },
  { to: 5, statements: keepLeaks },
];
