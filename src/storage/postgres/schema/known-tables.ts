import type { Schema } from '../../schema/tables.js';
import { UNFINISHED } from '../../sql/unfinished-copy.js';

const TABLES: Readonly<Record<keyof Schema, true>> = {
  store: true,
  generation: true,
  audit_head: true,
  audit_event: true,
  catalog: true,
  owner: true,
  credential: true,
  credential_scope: true,
  credential_label: true,
  last_use: true,
  version: true,
  version_hash: true,
  access_token: true,
  deleted_version: true,
  leak: true,
  tombstone: true,
};

/** The tables of the current schema that every engine has. */
export const STORE_TABLES: readonly string[] = Object.keys(TABLES);

/** Tables, and the sequence of leaks, that only PostgreSQL stores have. */
const OWN_TABLES = ['schema_number', 'api_lifetime', 'leftover', 'leak_id_seq'];

/** Every table that a store's schema may contain, unfinished copies and older schemas included. */
export const KNOWN_TABLES: readonly string[] = [...STORE_TABLES, ...OWN_TABLES, UNFINISHED];
