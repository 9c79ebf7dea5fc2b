import type { Kysely } from 'kysely';
import type { Schema } from '../tables.js';
import { createFirstSchema } from './001-first.js';
import { referToCredentialsByNumber } from './002-numbers.js';
import { noteReceipts } from './003-receipts.js';
import { boundTimes } from './004-bounds.js';
import { noteHashPolicies } from './004-policies.js';

/** One step forward; the position in {@link MIGRATIONS} plus one is the schema's number. */
export type Migration = (db: Kysely<Schema>) => Promise<void>;

/** Every migration there has ever been, oldest first. Existing entries never change. */
export const MIGRATIONS: readonly Migration[] = [
  createFirstSchema,
  referToCredentialsByNumber,
  noteReceipts,
  async (db) => {
    await boundTimes(db);
    await noteHashPolicies(db);
  },
];
