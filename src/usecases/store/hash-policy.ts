import type { HashPolicy } from '../../domain/ports/ports.js';
import type { StoreSettings } from '../../domain/ports/store-port.js';
import { change } from '../change.js';
import type { Dependencies } from '../dependencies.js';

/** Changes the hash policy of versions issued from now on; existing hashes stay. */
export function setHashPolicy(deps: Dependencies, policy: HashPolicy): Promise<StoreSettings> {
  return changeHashPolicy(deps, () => policy);
}

/**
 * As {@link setHashPolicy}, by the present policy.
 *
 * @param next called before the transaction, for what it throws, and in it
 */
export async function changeHashPolicy(
  deps: Dependencies,
  next: (present: HashPolicy) => HashPolicy,
): Promise<StoreSettings> {
  next((await deps.store.settings()).hashPolicy);
  return change(deps, async (tx, now) => {
    const before = await tx.settings();
    const policy = next(before.hashPolicy);
    const isSame = describe(before.hashPolicy) === describe(policy);
    if (isSame && before.earlierPolicies.length === 0) return before;
    await tx.updateHashPolicy(policy);
    // Only the list of earlier policies was recomputed, which is not an audited change.
    if (isSame) return tx.settings();
    await tx.appendAudit(
      {
        ...deps.author,
        action: 'store.set',
        target: { kind: 'store', id: before.id, name: null },
        details: { hash: { from: describe(before.hashPolicy), to: describe(policy) } },
      },
      now,
    );
    return tx.settings();
  });
}

function describe(policy: HashPolicy): string {
  return policy.scheme === 'bcrypt' ? `bcrypt ${policy.cost}` : policy.scheme;
}
