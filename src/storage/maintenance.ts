import type { WorkWatch } from '../domain/ports/copy-port.js';
import type { StoreMaintenance } from '../domain/ports/maintenance-port.js';
import { engineAt, storePlace } from './open.js';

/** What the work on a store as a whole needs of the machine. */
export interface MaintenanceSystem {
  readonly watch: WorkWatch;
}

/** What can be done with the store at a place as a whole. Whatever it takes is loaded when it is asked for. */
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
