import type { GlobalOptions } from '../../flags/global.js';
import type { Host } from '../../host/host.js';
import { newStoreFrom } from '../../new-store.js';
import { notesOfOlder } from '../../session.js';

/** As `Host.migrateOlder`, for commands that work on the store as a whole; notes what was done. */
export function migrateFirst(host: Host, globals: GlobalOptions): Promise<void> {
  return host.migrateOlder(globals, newStoreFrom(host, globals, {}), notesOfOlder(host, globals).onMigrated);
}
