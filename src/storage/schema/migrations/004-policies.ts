import { POLICIES_HELD } from '../../sql/hash-policies.js';
import type { Dialect } from '../dialects.js';

/** Schema 4, another part: a store knows by which policies its hashes were made, so that every refusal costs the same. */
export const noteHashPolicies = ({ text }: Dialect): readonly string[] => [
  `alter table store add column earlier_hashes ${text}`,
  `update store set earlier_hashes = ${POLICIES_HELD}`,
];
