import { CredctlError } from '../../../domain/errors.js';
import type { BackupFacts } from '../../../domain/ports/backup-port.js';
import type { WorkWatch } from '../../../domain/ports/copy-port.js';
import { errno } from '../../../files/errno.js';
import { RightsNotKept } from '../../../files/private-file.js';
import { firstRow, type SqlConnection } from '../../sql/connection.js';
import { connect } from '../connection.js';
import type { SqliteDatabase } from '../driver/database.js';
import { BUSY_SECONDS, diskFull, isDiskFull, isUnusableSchema, sqliteFault } from '../fault.js';
import { checkSchema } from '../schema-check.js';
import { shown } from './access.js';
import { keepsNoModes } from './denied.js';

/** Progress reporting of a copy. */
export interface CopyWatch {
  /** Starts reporting the progress of a long copy; returns what stops it. */
  readonly watch: WorkWatch['file'];
}

/** Opens a database read-only, with pragmas that make a file of unknown origin harmless. */
export function openToRead(path: string): SqliteDatabase {
  const database = connect(path, {
    readonly: true,
    fileMustExist: true,
    timeout: BUSY_SECONDS * 1_000,
  });
  database.exec('pragma trusted_schema = off; pragma cell_size_check = on; pragma foreign_keys = on');
  return database;
}

/**
 * Copies a database's current snapshot into an empty file (VACUUM INTO).
 *
 * One read transaction: it blocks no writer, and no writer can make it restart. Rows are written into new pages, so
 * no deleted content is copied, which free pages, gaps within pages or the WAL of a page-wise copy could hold.
 */
export function copyDatabase(from: SqliteDatabase, to: string): void {
  from.prepare('vacuum into ?').run(to);
}

/**
 * Checks each page and each table of a database.
 *
 * @param schema the expected schema number; this program's by default
 * @throws CredctlError `integrity`
 */
export async function requireSound(
  database: SqliteDatabase,
  connection: SqlConnection,
  location: string,
  schema?: number,
): Promise<void> {
  const [problem] = pageAnswers(database).filter((answer) => answer !== 'ok');
  const [finding] = problem === undefined ? await checkSchema(connection, schema) : [];
  if (problem === undefined && finding === undefined) return;
  throw new CredctlError('integrity', `${shown(location)} is damaged: ${problem ?? finding?.message}`, {
    hint: 'use another backup',
  });
}

function pageAnswers(database: SqliteDatabase): readonly string[] {
  try {
    const answers = database.pragma('integrity_check(1)') as { integrity_check: string }[];
    return answers.map((row) => row.integrity_check);
  } catch (fault) {
    // The pragma itself cannot be prepared for an index over a function that does not exist.
    if (isUnusableSchema(fault)) return [`the schema of the file cannot be used: ${fault.message}`];
    throw fault;
  }
}

/**
 * Facts about a copy. The caller passes the result of verifying the audit trail, which takes long.
 *
 * @throws CredctlError `integrity` when the settings are missing
 */
export async function factsOf(
  connection: SqlConnection,
  audit: { readonly events: number; readonly head: string },
  file: { readonly path: string; readonly schema: number; readonly sizeBytes: number },
): Promise<BackupFacts> {
  const row = await firstRow<{ store_id: string; credentials: number }>(
    connection,
    'select store_id, (select count(*) from credential) as credentials from store',
  );
  if (row === null) {
    throw new CredctlError('integrity', `the settings of the store are missing in ${shown(file.path)}`, {
      hint: "restore the store from a backup with 'credctl store restore'",
    });
  }
  return {
    file: file.path,
    storeId: row.store_id,
    schema: file.schema,
    credentials: row.credentials,
    events: audit.events,
    head: audit.head,
    sizeBytes: file.sizeBytes,
  };
}

/** Maps a fault of a file or database to the error to report. */
export function fileFault(fault: unknown, location: string, doing: string): unknown {
  if (fault instanceof RightsNotKept) return keepsNoModes(location, fault);
  if (fault instanceof CredctlError) return fault;
  if (isDiskFull(fault, location)) return diskFull(location, fault);
  const code = errno(fault);
  if (code === null) return sqliteFault(fault, location);
  return new CredctlError('store_unavailable', `cannot ${doing} ${shown(location)} (${code})`, {
    hint: hintFor(code),
    cause: fault,
  });
}

function hintFor(code: string): string {
  if (code === 'EROFS') return 'the file system is read-only; name a file on another one';
  if (code === 'ENOENT') return 'create the directory first';
  return 'name a file in a directory that you can write to';
}
