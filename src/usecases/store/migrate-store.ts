import type { MigratableStore, Migrated } from '../../domain/ports/migration-port.js';
import type { Dependencies } from '../dependencies.js';

/**
 * Migrates a store to the schema of this program; a no-op for one that is up to date.
 *
 * @param isDryRun only returns the plan
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
