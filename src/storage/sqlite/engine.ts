import type { Engine } from '../engine.js';
import { initSqliteStore, openSqlite } from './open.js';

/** The engine of stores in a file, named by its absolute path. */
export const sqliteEngine: Engine = {
  name: 'sqlite',
  isFile: true,
  asksForPassword: () => false,
  isAt: () => true,
  open: openSqlite,
  init: initSqliteStore,
  openServing: async (place, { writerThread }) =>
    (await import('../serving/sqlite/store.js')).openServingStore(place, writerThread),
  files: async (place, watch) =>
    (await import('../backup/store-files.js')).sqliteStoreFiles(place, { watch: watch.file }),
  copySource: async (place) => (await import('../copy/source.js')).sqliteSource(place),
  copyTarget: async (place) => (await import('../copy/sqlite-target.js')).sqliteTarget(place),
  migratable: async (place, watch) =>
    (await import('./migrate.js')).migratableSqlite(place, { watch: watch.file }),
};
