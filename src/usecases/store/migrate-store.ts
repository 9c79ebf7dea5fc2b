import type { MigratableStore, Migrated } from '../../domain/ports/migration-port.js';
import type { Dependencies } from '../dependencies.js';

/**
 * Brings a store that an older version of the program has made to the schema of this one; does nothing to one that
 * has it already.
 *
 * @param isDryRun only tells what would be done
 * @throws CredctlError as {@link MigratableStore.migrate}
 */
export async function migrateStore(
  deps: Pick<Dependencies, 'clock' | 'author'>,
  store: MigratableStore,
  isDryRun: boolean,
): Promise<Migrated> {
  if (isDryRun) return { ...(await store.plan()), backup: null, attested: null };
  return store.migrate(deps.author, deps.clock.now());
}
