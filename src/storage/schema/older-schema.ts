import type { Database } from 'better-sqlite3';
import { CredctlError } from '../../domain/errors.js';
import { shown } from '../sqlite/file/access.js';
import { OLDEST_SCHEMA, SCHEMA_NUMBER } from './number.js';

/**
 * The error for a store of an older schema, which is not migrated without a request: older programs may be using
 * it.
 */
export class OlderSchema extends CredctlError {
  constructor(location: string, schema: number) {
    super(
      'store_unavailable',
      `${location} was made by an older credctl (schema ${schema}; this one needs ${SCHEMA_NUMBER})`,
      { hint: 'end whatever older credctl uses it, then run: credctl store migrate' },
    );
  }
}

/**
 * Refuses a schema that no migration starts from.
 *
 * @throws CredctlError `store_unavailable`
 */
export function requireMigratable(location: string, schema: number): void {
  if (schema >= OLDEST_SCHEMA) return;
  throw new CredctlError(
    'store_unavailable',
    `${location} was made by a credctl from before the first release (schema ${schema}; the oldest that can be migrated is ${OLDEST_SCHEMA})`,
    { hint: 'name another one; this one was left untouched' },
  );
}

/**
 * Refuses a file of another schema.
 *
 * @param schema as the file has it
 * @throws CredctlError `store_unavailable` for an older one; `integrity` for a file that has lost its number
 */
export function requireSchema(path: string, schema: number | null): void {
  if (schema === SCHEMA_NUMBER) return;
  if (schema !== null && schema > 0) throw new OlderSchema(shown(path), schema);
  throw new CredctlError('integrity', `${shown(path)} has no schema of ours`, {
    hint: 'restore the store from a backup',
  });
}

/**
 * Refuses a file that a newer program has migrated since it was opened, whose schema may not fit older writes. To
 * be called under the write lock, which a migration takes as well.
 *
 * @throws CredctlError `store_unavailable`
 */
export function refuseMigrated(database: Database, path: string): void {
  if (Number(database.pragma('user_version', { simple: true })) <= SCHEMA_NUMBER) return;
  throw new CredctlError('store_unavailable', `${shown(path)} was migrated by a newer credctl meanwhile`, {
    hint: 'nothing was changed; install the newer version',
  });
}
