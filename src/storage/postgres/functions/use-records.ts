/** Inserts the missing use record of every version; servers only update these records. */
export const UNUSED_VERSIONS = `insert into last_use (credential_key, number, first_used_at, last_used_at)
  select v.credential_key, v.number, null, 0 from version v on conflict do nothing`;

/** The same for one version. */
export const UNUSED_VERSION = `insert into last_use (credential_key, number, first_used_at, last_used_at)
  select h.credential_key, h.number, null, 0 from version_hash h where h.version_id = ? on conflict do nothing`;
