import type { Database } from 'better-sqlite3';
import { CredctlError } from '../../../domain/errors.js';
import type { BackupFacts } from '../../../domain/ports/backup-port.js';
import type { WorkWatch } from '../../../domain/ports/copy-port.js';
import { errno } from '../../../files/errno.js';
import { RightsNotKept } from '../../../files/private-file.js';
import { firstRow, type SqlConnection } from '../../sql/connection.js';
import { connect } from '../connection.js';
import { BUSY_SECONDS, diskFull, isDiskFull, isUnusableSchema, sqliteFault } from '../fault.js';
import { checkSchema } from '../schema-check.js';
import { shown } from './access.js';
import { keepsNoModes } from './denied.js';

/** What a copy needs of the outside. */
export interface CopyWatch {
  /** Told how far a long copy has come; answers with what ends the telling. */
  readonly watch: WorkWatch['file'];
}

/**
 * Opens a database to be read only, with the settings that make a file of unknown origin harmless.
 */
export function openToRead(path: string): Database {
  const database = connect(path, {
    readonly: true,
    fileMustExist: true,
    timeout: BUSY_SECONDS * 1_000,
  });
  database.exec('pragma trusted_schema = off; pragma cell_size_check = on; pragma foreign_keys = on');
  return database;
}

/**
 * Copies what a database holds at this moment into an empty file.
 *
 * The copy is one long read: it keeps no writer waiting, and no writer can make it start again. It is written row by
 * row into fresh pages, so that nothing of what was deleted can be in it, be it in free pages, in gaps within pages or
 * in the log; a copy of pages could not promise that.
 */
export function copyDatabase(from: Database, to: string): void {
  from.prepare('vacuum into ?').run(to);
}

/**
 * Whether each page and each table of a database is in order.
 *
 * @param schema the number of the schema that it should have; this program's when left out
 * @throws CredctlError `integrity`
 */
export async function requireSound(
  database: Database,
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

function pageAnswers(database: Database): readonly string[] {
  try {
    const answers = database.pragma('integrity_check(1)') as { integrity_check: string }[];
    return answers.map((row) => row.integrity_check);
  } catch (fault) {
    // An index over a function that does not exist: the check itself cannot be prepared.
    if (isUnusableSchema(fault)) return [`its schema cannot be used: ${fault.message}`];
    throw fault;
  }
}

/** What a copy holds; the audit trail is given, since verifying it took a while already. */
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
    throw new CredctlError('integrity', `${shown(file.path)} lacks its own settings`, {
      hint: "bring it back from a backup with 'credctl store restore'",
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

/** The error to report for what went wrong with a file or a database. */
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
  if (code === 'EROFS') return 'its file system is read-only; name a place on another one';
  if (code === 'ENOENT') return 'make its directory first';
  return 'name a place that you can write to';
}
