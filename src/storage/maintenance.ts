import { usageError } from '../domain/errors.js';
import type { WorkWatch } from '../domain/ports/copy-port.js';
import type { StoreMaintenance } from '../domain/ports/maintenance-port.js';
import { isPostgresUrl, storePlace } from './open.js';

/** What the work on a store as a whole needs of the machine. */
export interface MaintenanceSystem {
  readonly watch: WorkWatch;
}

/** What can be done with the store at a place as a whole. Whatever it takes is loaded when it is asked for. */
export function storeMaintenance(place: string, { watch }: MaintenanceSystem): StoreMaintenance {
  const surroundings = { watch: watch.file };
  return {
    watch,
    async files() {
      if (isPostgresUrl(place)) {
        throw usageError(
          'a store in PostgreSQL is backed up and restored with its database',
          "use pg_dump and pg_restore, or copy it into a file: credctl store copy --to FILE; see 'credctl store copy --help'",
        );
      }
      return (await import('./backup/store-files.js')).sqliteStoreFiles(place, surroundings);
    },
    async copySource() {
      const { postgresSource, sqliteSource } = await import('./copy/source.js');
      return isPostgresUrl(place) ? postgresSource(place) : sqliteSource(place);
    },
    async copyTarget(reference, workingDirectory) {
      const target = storePlace(reference, workingDirectory, '--to');
      if (!isPostgresUrl(target)) return (await import('./copy/sqlite-target.js')).sqliteTarget(target);
      return (await import('./copy/postgres-target.js')).postgresTarget(target);
    },
    async migratable() {
      if (isPostgresUrl(place)) return (await import('./postgres/migrate.js')).migratablePostgres(place);
      return (await import('./sqlite/migrate.js')).migratableSqlite(place, surroundings);
    },
  };
}
