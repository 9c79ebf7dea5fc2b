import type { HashPolicy } from '../../domain/ports/ports.js';
import { isBcryptCost } from '../../domain/secret/bcrypt-cost.js';

/**
 * SQL expression for the policies of all stored hashes: `sha256` and `bcrypt:COST`, separated by commas; null
 * without hashes. Scans every hash.
 */
export const POLICIES_HELD = `(select string_agg(p.policy, ',') from (select distinct
    case when h.hash like '$sha256$%' then 'sha256'
      when h.hash like '$2_$__$%' then concat('bcrypt:', ltrim(substr(h.hash, 5, 2), '0')) end as policy
  from version_hash h) p)`;

/** Parses stored policies. Unknown ones are ignored: they decide only how long a refusal takes. */
export function parsePolicies(text: string | null): readonly HashPolicy[] {
  return (text ?? '').split(',').flatMap((policy): readonly HashPolicy[] => {
    if (policy === 'sha256') return [{ scheme: 'sha256' }];
    const cost = Number(/^bcrypt:(\d{1,2})$/.exec(policy)?.[1]);
    return isBcryptCost(cost) ? [{ scheme: 'bcrypt', cost }] : [];
  });
}

/** Serializes a policy for the store. */
export function formatPolicy(policy: HashPolicy): string {
  return policy.scheme === 'sha256' ? 'sha256' : `bcrypt:${policy.cost}`;
}
