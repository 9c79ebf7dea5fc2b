import { statSync } from 'node:fs';
import { CredctlError } from '../../../domain/errors.js';
import { SCHEMA_NUMBER } from '../../schema/number.js';
import { OlderSchema } from '../../schema/older-schema.js';
import type { SqliteDatabase } from '../driver/database.js';
import { shown } from './access.js';
import { schemaThrough } from './header.js';

/**
 * Refuses a file of another schema.
 *
 * @param schema as the file has it
 * @throws CredctlError `store_unavailable` for an older one; `integrity` for a file that has lost its number
 */
export function requireSchema(path: string, schema: number | null): void {
  if (schema === SCHEMA_NUMBER) return;
  if (schema !== null && schema > 0) throw new OlderSchema(shown(path), schema);
  throw new CredctlError('integrity', `${shown(path)} does not have the schema of credctl`, {
    hint: 'restore the store from a backup',
  });
}

/**
 * As {@link requireSchema}, by the header of a file that is not open. A WAL beside it may hold a newer header, after a
 * migration that was killed before its checkpoint: then nothing is refused, and {@link requireSchemaThrough} decides.
 */
export function requireSchemaOfFile(path: string, schema: number | null): void {
  const log = statSync(`${path}-wal`, { throwIfNoEntry: false });
  if (log === undefined || log.size === 0) requireSchema(path, schema);
}

/**
 * As {@link requireSchema}, through an open connection, which reads the WAL as well. Closes the connection where it
 * refuses.
 */
export function requireSchemaThrough(database: SqliteDatabase, path: string): SqliteDatabase {
  try {
    requireSchema(path, schemaThrough(database, path, SCHEMA_NUMBER));
    return database;
  } catch (fault) {
    database.close();
    throw fault;
  }
}

/**
 * Refuses a file that a newer program has migrated since it was opened, whose schema may not fit older writes. To
 * be called under the write lock, which a migration takes as well.
 *
 * @throws CredctlError `store_unavailable`
 */
export function refuseMigrated(database: SqliteDatabase, path: string): void {
  if (Number(database.pragma('user_version', { simple: true })) <= SCHEMA_NUMBER) return;
  throw new CredctlError('store_unavailable', `${shown(path)} has just been migrated by a newer credctl`, {
    hint: 'nothing was changed; install the newer version',
  });
}
