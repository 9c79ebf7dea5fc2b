import type { Database } from 'better-sqlite3';
import { CredctlError } from '../../../domain/errors.js';
import { SCHEMA_NUMBER } from '../../schema/number.js';
import { OlderSchema } from '../../schema/older-schema.js';
import { shown } from './access.js';

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
