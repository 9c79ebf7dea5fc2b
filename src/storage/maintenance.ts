import type { WorkWatch } from '../domain/ports/copy-port.js';
import type { StoreMaintenance } from '../domain/ports/maintenance-port.js';
import { engineAt, storePlace } from './open.js';

/** What maintenance of a store needs of the machine. */
export interface MaintenanceSystem {
  readonly watch: WorkWatch;
}

/** Maintenance of the store at a place: backup, copy, migration. Modules are imported when they are needed. */
export function storeMaintenance(place: string, { watch }: MaintenanceSystem): StoreMaintenance {
  const engine = engineAt(place);
  return {
    watch,
    files: () => engine.files(place, watch),
    copySource: () => engine.copySource(place),
    async copyTarget(reference, workingDirectory) {
      const target = storePlace(reference, workingDirectory, '--to');
      return engineAt(target).copyTarget(target);
    },
    migratable: () => engine.migratable(place, watch),
  };
}
