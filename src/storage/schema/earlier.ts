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
  /** Names of the functions that it lacks. */
  readonly lacksFunctions: readonly string[];
} = {
  narrower: {
    credential: {
      has: [
        ...['key', 'id', 'name', 'name_key', 'type', 'status', 'client_id', 'owner_id', 'scopes', 'labels'],
        ...[
          'description',
          'description_key',
          'created_at',
          'created_by',
          'updated_at',
          'revision',
          'expires_at',
        ],
        ...['rotate_every', 'rotate_every_ms', 'rotation_due_at'],
      ],
      lacks: { canary: 'integer' },
    },
  },
  lacks: {
    leak: {
      ...{ id: 'integer', handle: 'text', kind: 'text', credential_id: 'text', version: 'integer' },
      ...{ source: 'text', places: 'text', place_count: 'integer' },
      ...{ first_found_at: 'bigint', last_found_at: 'bigint', closed_at: 'bigint' },
    },
  },
  lacksFunctions: ['record_leaks', 'stop_for_leak'],
};
