import { join } from 'node:path';
import Database from 'better-sqlite3';
import { onTestFinished } from 'vitest';
import type { CopySource, CopyTarget } from '../../../src/domain/ports/copy-port.js';
import type { Store } from '../../../src/domain/ports/store-port.js';
import { storeMaintenance } from '../../../src/storage/maintenance.js';
import { openStoreAt } from '../../../src/storage/open.js';
import { silentWatch } from '../../../src/system/copy-progress.js';
import type { PostgresEngine } from '../postgres/stores.js';
import { newStorePlan, type SqlValue, storeSystem, temporaryDirectory } from './stores.js';

/** A place where a copy can be made, and what tests do there behind its back. */
export interface CopyPlace {
  /** As the command line names it. */
  readonly url: string;
  target(): Promise<CopyTarget>;
  /** Opens what is there as a store. */
  open(): Promise<Store>;
  /** Reads or changes what is there, or the copy that is being made there. */
  ask<Row>(sql: string, ...parameters: SqlValue[]): Promise<readonly Row[]>;
}

/** A kind of place. */
export interface PlaceKind {
  readonly label: string;
  create(): Promise<CopyPlace>;
}

const NOWHERE = () => '/nowhere';

/** A path in a directory of its own. */
export const SQLITE_PLACE: PlaceKind = {
  label: 'SQLite',
  async create() {
    const directory = temporaryDirectory();
    onTestFinished(() => directory.dispose());
    const path = join(directory.path, 'store', 'copy.db');
    return {
      ...placeAt(path),
      async ask<Row>(sql: string, ...parameters: SqlValue[]) {
        const draft = join(directory.path, 'store', '.copy.db.copy', 'draft.db');
        const database = openFirst(path, draft);
        try {
          const statement = database.prepare<unknown[], Row>(sql);
          if (/^(?:select|pragma)\b/i.test(sql.trim())) return statement.all(...parameters);
          statement.run(...parameters);
          return [];
        } finally {
          database.close();
        }
      },
    };
  },
};

/** An empty database of an engine. */
export function postgresPlace(engine: PostgresEngine): PlaceKind {
  return {
    label: engine.label,
    async create() {
      const database = await engine.database();
      onTestFinished(() => database.drop());
      return { ...placeAt(database.url), ask: database.ask };
    },
  };
}

/** The store of a test as one to be copied. */
export async function sourceOf(
  store: { readonly path: string } | { readonly url: string },
): Promise<CopySource> {
  const place = 'path' in store ? store.path : store.url;
  const source = await maintenance(place).copySource();
  onTestFinished(() => source.close().catch(() => {}));
  return source;
}

function placeAt(url: string): Omit<CopyPlace, 'ask'> {
  return {
    url,
    async target() {
      const target = await maintenance('unused').copyTarget(url, NOWHERE);
      onTestFinished(() => target.close());
      return target;
    },
    async open() {
      const store = await openStoreAt(url, storeSystem('copy'), {
        whenMissing: 'refuse',
        newStore: async () => newStorePlan(),
        onCreated: () => {},
      });
      onTestFinished(() => store.close());
      return store;
    },
  };
}

function maintenance(place: string) {
  return storeMaintenance(place, { watch: silentWatch() });
}

function openFirst(...paths: readonly string[]): Database.Database {
  for (const path of paths) {
    try {
      return new Database(path, { fileMustExist: true });
    } catch {}
  }
  throw new Error('there is neither a store nor a copy');
}
