import type { FoundLeak } from '../../domain/leak/leak.js';
import { type ChangeDependencies, change } from '../change.js';

/**
 * Records secrets found where they should not be. Idempotent; no event is written.
 *
 * @throws CredctlError `denied` for a login without the role `verifier` or `admin`, `store_unavailable`
 */
export async function recordLeaks(deps: ChangeDependencies, found: readonly FoundLeak[]): Promise<void> {
  if (found.length === 0) return;
  await change(deps, (tx, now) => tx.recordLeaks(found, now));
}
