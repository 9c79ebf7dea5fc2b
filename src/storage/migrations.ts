import type { Kysely } from 'kysely';
import { createFirstSchema } from './first-schema.js';
import { boundTimes } from './migration-to-bounds.js';
import { referToCredentialsByNumber } from './migration-to-numbers.js';
import { noteHashPolicies } from './migration-to-policies.js';
import { noteReceipts } from './migration-to-receipts.js';
import type { Schema } from './schema.js';

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
