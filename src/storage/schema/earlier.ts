import { SCHEMA_NUMBER } from './number.js';

/** The schema before this program's. A database that has it is read and served until it is migrated. */
export const EARLIER_SCHEMA = SCHEMA_NUMBER - 1;

/** Columns with their types in PostgreSQL. */
type Columns = Readonly<Record<string, string>>;

/** A table that the earlier schema has without some of its columns. */
interface NarrowerTable {
  readonly has: readonly string[];
  readonly lacks: Columns;
}

/**
 * What the earlier schema lacks in PostgreSQL. A lacking column reads as null, a lacking table as empty. It is written
 * anew with each schema; a test compares it with the migration.
 */
export const EARLIER: {
  readonly narrower: Readonly<Record<string, NarrowerTable>>;
  readonly lacks: Readonly<Record<string, Columns>>;
  /** Whether servers write by the functions of the schema; otherwise by rights on the tables. */
  readonly hasFunctions: boolean;
} = {
  narrower: {
    store: {
      has: ['id', 'store_id', 'prefix', 'hash_scheme', 'bcrypt_cost', 'created_at', 'place'],
      lacks: { earlier_hashes: 'text' },
    },
  },
  lacks: {
    leftover: { credential_key: 'integer', version_ids: 'text', wiped_from: 'xid8' },
    api_lifetime: { api: 'text', seconds: 'bigint' },
  },
  hasFunctions: false,
};
