import { POLICIES_HELD } from '../../sql/hash-policies.js';
import type { Dialect } from '../dialects.js';

/** Schema 4, another part: the store records the policies of its hashes, so that every refusal takes the same time. */
export const noteHashPolicies = ({ text }: Dialect): readonly string[] => [
  `alter table store add column earlier_hashes ${text}`,
  `update store set earlier_hashes = ${POLICIES_HELD}`,
];
