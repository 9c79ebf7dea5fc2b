import { type Kysely, PostgresAdapter, sql } from 'kysely';
import { POLICIES_HELD } from '../../sql/hash-policies.js';
import type { Schema } from '../tables.js';

/** Schema 4, another part: a store knows by which policies its hashes were made, so that every refusal costs the same. */
export async function noteHashPolicies(db: Kysely<Schema>): Promise<void> {
  const isPostgres = db.getExecutor().adapter instanceof PostgresAdapter;
  await sql
    .raw(`alter table store add column earlier_hashes text${isPostgres ? ' collate "C"' : ''}`)
    .execute(db);
  await sql.raw(`update store set earlier_hashes = ${POLICIES_HELD}`).execute(db);
}
