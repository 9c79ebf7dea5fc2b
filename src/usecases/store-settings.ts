import type { HashPolicy } from '../domain/ports.js';
import type { StoreSettings } from '../domain/store-port.js';
import type { Dependencies } from './dependencies.js';
import { stampEnded } from './stamp.js';

/** Changes how versions issued from now on are hashed; existing hashes stay as they are. */
export async function setHashPolicy(deps: Dependencies, policy: HashPolicy): Promise<StoreSettings> {
  return deps.store.write(async (tx) => {
    const now = deps.clock.now();
    await stampEnded(deps, tx, now);
    const before = await tx.settings();
    if (describe(before.hashPolicy) === describe(policy)) return before;
    await tx.updateHashPolicy(policy);
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
