import type { HashPolicy } from '../../domain/ports/ports.js';
import { isBcryptCost } from '../../domain/secret/bcrypt-cost.js';

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
