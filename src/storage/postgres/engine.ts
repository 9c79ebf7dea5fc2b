import { usageError } from '../../domain/errors.js';
import { hasPassword } from '../../domain/text/url-password.js';
import type { Engine } from '../engine.js';

/** The engine of stores in a PostgreSQL database, named by its URL. */
export const postgresEngine: Engine = {
  name: 'postgres',
  isFile: false,
  asksForPassword: (place) => !hasPassword(place),
  isAt: (place) => place.includes(':') && /^postgres(?:ql)?:/i.test(place),
  open: async (place, system, options) =>
    (await import('./open.js')).openPostgresStore(place, system, options),
  init: async (place, system, newStore) =>
    (await import('./open.js')).initPostgresStore(place, system, newStore),
  openServing: async (place, { connections, stopsLeaks }) =>
    (await import('../serving/postgres/store.js')).openPostgresServingStore(place, connections, stopsLeaks),
  async files() {
    throw usageError(
      'a store in PostgreSQL is backed up and restored with its database',
      "use pg_dump and pg_restore, or copy it into a file: credctl store copy --to FILE; see 'credctl store copy --help'",
    );
  },
  copySource: async (place) => (await import('../copy/source.js')).postgresSource(place),
  copyTarget: async (place) => (await import('../copy/postgres-target.js')).postgresTarget(place),
  migratable: async (place) => (await import('./migrate.js')).migratablePostgres(place),
};
