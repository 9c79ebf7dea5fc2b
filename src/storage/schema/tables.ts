/** The last time that a column may hold: the greatest of a Date, 275760-09-13 (ECMA-262 §21.4.1.1). */
export const LAST_TIME = 8_640_000_000_000_000;

/**
 * The tables and their columns. Times are epoch milliseconds; `name_key`, `description_key` and `target_key` hold
 * texts in lower case. A credential has two keys: the public id, and the number `key` by which other tables refer
 * to it. Rows of one credential are adjacent, in the order in which credentials were created.
 */
export interface Schema {
  store: StoreTable;
  generation: { id: number; value: number };
  audit_head: { id: number; seq: number; hash: string };
  audit_event: AuditEventTable;
  catalog: { id: number; document: string; updated_at: number };
  owner: OwnerTable;
  credential: CredentialTable;
  credential_scope: { scope: string; credential_key: number };
  credential_label: { key: string; value: string; credential_key: number };
  last_use: LastUseTable;
  version: VersionTable;
  version_hash: VersionHashTable;
  access_token: AccessTokenTable;
  deleted_version: { version_id: string; credential_id: string };
  leak: LeakTable;
  tombstone: { credential_id: string; client_id: string | null; version_ids: string; deleted_at: number };
}

/** The store's settings, in a single row. */
export interface StoreTable {
  id: number;
  store_id: string;
  prefix: string;
  hash_scheme: string;
  bcrypt_cost: number | null;
  created_at: number;
  /** JSON of the store's place when it was last recorded; null before that. */
  place: string | null;
  /** Policies of stored hashes besides the present one, separated by commas. */
  earlier_hashes: string | null;
}

/**
 * An event of the audit trail: `text` is its canonical form, which `hash` chains, and the other columns repeat
 * parts of it.
 */
export interface AuditEventTable {
  seq: number;
  at: number;
  actor: string;
  action: string;
  target_kind: string;
  target_id: string | null;
  target_name: string | null;
  target_key: string | null;
  reason: string | null;
  text: string;
  hash: string;
}

/** An owner of credentials. */
export interface OwnerTable {
  id: string;
  name: string;
  name_key: string;
  kind: string;
  status: string;
  created_at: number;
  created_by: string;
  updated_at: number;
}

/** A credential, without its versions and uses. */
export interface CredentialTable {
  key: number;
  id: string;
  name: string;
  name_key: string;
  type: string;
  status: string;
  client_id: string | null;
  owner_id: string | null;
  /** JSON array, duplicated as rows of `credential_scope` for lookups. */
  scopes: string;
  /** JSON object, duplicated as rows of `credential_label` for lookups. */
  labels: string;
  description: string | null;
  /** The description in lower case, for searches. */
  description_key: string | null;
  created_at: number;
  created_by: string;
  updated_at: number;
  revision: number;
  expires_at: number | null;
  rotate_every: string | null;
  rotate_every_ms: number | null;
  rotation_due_at: number | null;
  /** 1 for a canary, which grants nothing; 0 for any other. */
  canary: number;
}

/** Last use of a version, by its number; number 0 is the credential itself. */
export interface LastUseTable {
  credential_key: number;
  number: number;
  /** Null for the credential itself. */
  first_used_at: number | null;
  /** 0 before the first use; the row exists, since listings by last use include unused credentials. */
  last_used_at: number;
  /** The client's address at the last use; null where it is not known. */
  last_used_from: string | null;
}

/** A version of a credential, without its hash. */
export interface VersionTable {
  credential_key: number;
  number: number;
  id: string;
  created_at: number;
  delivered_at: number | null;
  lapses_at: number | null;
  retires_at: number | null;
  revoked_at: number | null;
  ended_at: number | null;
  ended_as: string | null;
  /** Milliseconds of grace for older versions; null when they are revoked on delivery. */
  supersede_grace_ms: number | null;
  /** Kinds of destinations, separated by commas. */
  destinations: string;
  /** JSON of the delivery record; null once delivered. */
  delivery: string | null;
  /** When inspecting the secret proved that it was received. */
  received_at: number | null;
  /** The number of the version whose delivery set `retires_at`; null if none did. */
  retired_by: number | null;
  /** The value of `retires_at` before that. */
  retires_before: number | null;
}

/**
 * Lookup of a presented secret: maps its id to version and hash. No foreign key deletes these rows, only statements
 * do.
 */
export interface VersionHashTable {
  version_id: string;
  credential_key: number;
  number: number;
  hash: string;
}

/** An issued access token, stored as a digest. */
export interface AccessTokenTable {
  id: string;
  credential_id: string;
  version_id: string;
  digest: string;
  scopes: string;
  issued_at: number;
  expires_at: number;
}

/** A leak of a secret. */
export interface LeakTable {
  id: number;
  handle: string;
  kind: string;
  credential_id: string | null;
  /** Number of the version, or of the version that obtained the token. */
  version: number | null;
  source: string;
  /** JSON array. */
  places: string;
  place_count: number;
  first_found_at: number;
  last_found_at: number;
  /** Null while it is open. */
  closed_at: number | null;
}
