/**
 * The tables and their columns. Times are epoch milliseconds; `name_key`, `description_key` and `target_key` hold texts in
 * lower case. A credential has two keys: the id that people and documents see, and a number, `key`, by which the
 * other tables refer to it: rows that belong together lie together, in the order in which credentials were made.
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
  tombstone: { credential_id: string; client_id: string | null; version_ids: string; deleted_at: number };
}

export interface StoreTable {
  id: number;
  store_id: string;
  prefix: string;
  hash_scheme: string;
  bcrypt_cost: number | null;
  created_at: number;
  /** JSON of where the file is, as the store itself last knew it; null for a database and before it was noted. */
  place: string | null;
  /** Policies besides the present one by which hashes in the store were made, with commas between them. */
  earlier_hashes: string | null;
}

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

export interface CredentialTable {
  key: number;
  id: string;
  name: string;
  name_key: string;
  type: string;
  status: string;
  client_id: string | null;
  owner_id: string | null;
  /** JSON array, repeated row by row in `credential_scope` for look-ups. */
  scopes: string;
  /** JSON object, repeated row by row in `credential_label` for look-ups. */
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
}

/** When a version was used, by its number; the credential itself has the number 0. */
export interface LastUseTable {
  credential_key: number;
  number: number;
  /** Null for the credential itself. */
  first_used_at: number | null;
  /** 0 for a credential that was never used, which lists by use show as well. */
  last_used_at: number;
  /** The address of the client that used it then; null where it is not known. */
  last_used_from: string | null;
}

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
  /** When a look at the secret proved that it was received. */
  received_at: number | null;
  /** The number of the version whose delivery set `retires_at`; null while nothing did. */
  retired_by: number | null;
  /** What `retires_at` was before that. */
  retires_before: number | null;
}

/** What a presented secret is found by: it says which version it is of. No reference removes a row, only a statement. */
export interface VersionHashTable {
  version_id: string;
  credential_key: number;
  number: number;
  hash: string;
}

export interface AccessTokenTable {
  id: string;
  credential_id: string;
  version_id: string;
  digest: string;
  scopes: string;
  issued_at: number;
  expires_at: number;
}
