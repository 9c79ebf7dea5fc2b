import { statSync } from 'node:fs';
import { onTestFinished } from 'vitest';
import type { NewStore, Store } from '../../src/domain/ports/store-port.js';
import type { StoreSystem, WhenMissing } from '../../src/storage/engine.js';
import { openStoreAt } from '../../src/storage/open.js';
import { START } from '../support/dependencies/fixed-clock.js';
import { newStorePlan, storeSystem, temporaryDirectory } from '../support/stores/stores.js';
import { anEntry } from './fixtures.js';

/** How a store is opened; without anything, the first write creates it. */
export interface Opening {
  readonly whenMissing?: WhenMissing;
  readonly plan?: Partial<NewStore>;
  readonly system?: StoreSystem;
  readonly onCreated?: (location: string) => void;
}

/** A directory of this test's own. */
export function emptyDirectory(): string {
  const directory = temporaryDirectory();
  onTestFinished(() => directory.dispose());
  return directory.path;
}

/** Opens the store at a path; it is closed with the test. */
export async function openAt(path: string, opening: Opening = {}): Promise<Store> {
  const store = await openStoreAt(path, opening.system ?? storeSystem(), {
    whenMissing: opening.whenMissing ?? 'create-on-write',
    newStore: async () => newStorePlan(opening.plan),
    onCreated: opening.onCreated ?? (() => {}),
  });
  onTestFinished(() => store.close().catch(() => {}));
  return store;
}

/** Writes to the store. */
export const note = (store: Store) => store.write((tx) => tx.appendAudit(anEntry(), START));
/** The permissions of a file, in octal. */
export const modeOf = (path: string) => (statSync(path).mode & 0o777).toString(8);

/** Runs with a mask that takes nothing away. */
export function withoutMask(): void {
  const before = process.umask(0);
  onTestFinished(() => {
    process.umask(before);
  });
}
