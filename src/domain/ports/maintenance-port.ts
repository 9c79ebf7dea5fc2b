import type { StoreFiles } from './backup-port.js';
import type { CopySource, CopyTarget, WorkWatch } from './copy-port.js';
import type { MigratableStore } from './migration-port.js';

/** What can be done with a store as a whole, beside using it. */
export interface StoreMaintenance {
  readonly watch: WorkWatch;
  /** @throws CredctlError `usage` for a store that is not in a file */
  files(): Promise<StoreFiles>;
  /** The store as one to be copied. @throws CredctlError `store_unavailable` when there is none */
  copySource(): Promise<CopySource>;
  /**
   * A place for a copy.
   *
   * @param reference as of a store; messages call it `--to`
   * @param workingDirectory what a relative path is relative to
   */
  copyTarget(reference: string, workingDirectory: () => string): Promise<CopyTarget>;
  /** The store as one to be migrated. @throws CredctlError `store_unavailable` when there is none */
  migratable(): Promise<MigratableStore>;
}
