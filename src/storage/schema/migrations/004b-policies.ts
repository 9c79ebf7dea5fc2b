import type { Dialect } from '../dialects.js';

/** Schema 4, another part: the store records the policies of its hashes, so that every refusal takes the same time. */
export const noteHashPolicies = ({ text }: Dialect): readonly string[] => [
  `alter table store add column earlier_hashes ${text}`,
  `update store set earlier_hashes = ${POLICIES_HELD}`,
];

/**
 * SQL expression for the policies of all stored hashes: `sha256` and `bcrypt:COST`, separated by commas; null
 * without hashes. Scans every hash.
 */
export const POLICIES_HELD = `(select string_agg(p.policy, ',') from (select distinct
    case when h.hash like '$sha256$%' then 'sha256'
      when h.hash like '$2_$__$%' then concat('bcrypt:', ltrim(substr(h.hash, 5, 2), '0')) end as policy
  from version_hash h) p)`;
