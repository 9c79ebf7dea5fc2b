import type { Kysely } from 'kysely';
import { createCommonSchema } from './migrations/001-first.js';
import { createNumbered } from './migrations/002-numbers.js';
import { MIGRATIONS } from './migrations/index.js';
import type { Schema } from './tables.js';

/** The schema that {@link createSchema} begins with: what is the same after all migrations to it, without any rows to move. */
const BEGINS_WITH = 2;

/** Makes all tables and indexes of a new store, the same as the migrations come to. */
export async function createSchema(db: Kysely<Schema>): Promise<void> {
  await createCommonSchema(db);
  await createNumbered(db);
  for (const migrate of MIGRATIONS.slice(BEGINS_WITH)) await migrate(db);
}
