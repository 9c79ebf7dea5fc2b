import type { StoreFiles } from './backup-port.js';
import type { CopySource, CopyTarget, WorkWatch } from './copy-port.js';
import type { MigratableStore } from './migration-port.js';

/** Operations on a store as a whole. */
export interface StoreMaintenance {
  readonly watch: WorkWatch;
  /** @throws CredctlError `usage` for a store that is not in a file */
  files(): Promise<StoreFiles>;
  /**
   * The store as the source of a copy.
   *
   * @throws CredctlError `store_unavailable` when there is none
   */
  copySource(): Promise<CopySource>;
  /**
   * The target of a copy.
   *
   * @param reference as of a store; messages call it `--to`
   * @param workingDirectory base of a relative path
   */
  copyTarget(reference: string, workingDirectory: () => string): Promise<CopyTarget>;
  /**
   * The store as one to be migrated.
   *
   * @throws CredctlError `store_unavailable` when there is none
   */
  migratable(): Promise<MigratableStore>;
}
