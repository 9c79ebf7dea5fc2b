import { CredctlError } from '../../domain/errors.js';
import { SQLITE } from '../schema/dialects.js';
import { SCHEMA_NUMBER } from '../schema/number.js';
import { schemaStatements } from '../schema/statements.js';
import type { SqliteDatabase } from './driver/database.js';
import { shown } from './file/access.js';
import { createTextIndex, dropTextIndex, fillTextIndex } from './text-index.js';

/**
 * Runs the steps from an older schema to this program's, in a transaction of the caller. A step may recreate a table
 * under its old name, so foreign keys must be off; the references are checked before and afterwards.
 *
 * @param path of the store, as messages name it
 * @throws CredctlError `integrity` for rows that refer to rows that do not exist
 */
export function runSteps(database: SqliteDatabase, path: string, from: number): void {
  // Checked before too, so that the steps start from valid references.
  requireReferences(database, path);
  dropTextIndex(database);
  for (const statement of schemaStatements(SQLITE, { from })) database.exec(statement);
  createTextIndex(database);
  fillTextIndex(database);
  requireReferences(database, path);
  database.pragma(`user_version = ${SCHEMA_NUMBER}`);
}

/**
 * Migrates a database in memory. Nothing of it gets into a file: the sorter's temporary files stay in memory too. After a
 * fault the caller closes it.
 *
 * @throws CredctlError as {@link runSteps}
 */
export function migrateImage(database: SqliteDatabase, path: string, from: number): void {
  database.exec('pragma temp_store = memory; pragma foreign_keys = off');
  database.exec('begin');
  runSteps(database, path, from);
  database.exec('commit');
}

function requireReferences(database: SqliteDatabase, path: string): void {
  const broken = database.pragma('foreign_key_check') as readonly unknown[];
  if (broken.length === 0) return;
  throw new CredctlError('integrity', `rows of ${shown(path)} refer to rows that do not exist`, {
    hint: "nothing was changed; see 'credctl store check' of the version that made the store",
  });
}
