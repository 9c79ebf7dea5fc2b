import { fstatSync, readFileSync, readSync } from 'node:fs';
import { CredctlError } from '../../../domain/errors.js';
import type { StoreStatistics } from '../../../domain/ports/store-port.js';
import { errno } from '../../../files/errno.js';
import { SCHEMA_NUMBER } from '../../schema/number.js';
import { connect } from '../connection.js';
import type { SqliteDatabase } from '../driver/database.js';
import { sqliteFault } from '../fault.js';
import { SqliteStore } from '../store.js';
import { shown, unusable } from './access.js';
import { lastingDescriptor } from './descriptors.js';
import { inspectStoreFile, schemaThrough } from './header.js';
import { withLog } from './log-replay.js';
import { requireSchema } from './schema.js';

/** Upper bound in bytes of a file that is read into memory. */
const LIMIT = 1_073_741_824;

const LARGE = 'work on a copy on another disk';

/** Attempts to read a consistent image while another machine, which may write, restarts the WAL. */
const TRIES = 20;

/**
 * Opens an image of a store in memory, for reading: its WAL is applied, and an older schema is migrated there. SQLite
 * itself would need to write shared memory beside a file in WAL mode. The file is left as it is.
 *
 * @param refuse makes the error of every change, of the schema that the file has; called before that is migrated
 * @returns null when there is no file
 * @throws CredctlError as opening a store does
 */
export async function openImage(
  path: string,
  refuse: (schema: number) => CredctlError,
): Promise<SqliteStore | null> {
  if (inspectStoreFile(path, SCHEMA_NUMBER, 'look') === null) return null;
  let database: SqliteDatabase | null = null;
  try {
    database = connect(readWhole(path));
    database.exec('pragma trusted_schema = off; pragma cell_size_check = on');
    const schema = schemaThrough(database, path, SCHEMA_NUMBER);
    if (schema === 0) requireSchema(path, schema);
    const refusal = refuse(schema);
    if (schema < SCHEMA_NUMBER) (await import('../migration-steps.js')).migrateImage(database, path, schema);
    database.exec('pragma query_only = on');
    return new StoreImage(database, path, schema, refusal);
  } catch (fault) {
    database?.close();
    throw sqliteFault(fault, path);
  }
}

/** A store in memory: nothing of it can be changed. */
class StoreImage extends SqliteStore {
  readonly #schema: number;
  readonly #refusal: CredctlError;

  /** @param schema of the file; the image has this program's */
  constructor(database: SqliteDatabase, path: string, schema: number, refusal: CredctlError) {
    super(database, path);
    this.#schema = schema;
    this.#refusal = refusal;
  }

  override async write(): Promise<never> {
    throw this.#refusal;
  }

  override async statistics(): Promise<StoreStatistics> {
    return { ...(await super.statistics()), schema: this.#schema };
  }
}

/**
 * Reads a consistent image: the WAL after the file, so that pages written by a concurrent checkpoint are in the WAL
 * too, unless the WAL was restarted, which changes its header. Without a WAL, two reads of the file must agree.
 */
function readWhole(path: string): Buffer {
  const descriptor = lastingDescriptor(path);
  for (let tries = 0; tries < TRIES; tries += 1) {
    const header = logOf(path).subarray(0, 32);
    const database = contentOf(path, descriptor);
    const log = logOf(path);
    if (!log.subarray(0, 32).equals(header)) continue;
    if (log.length > 0 || contentOf(path, descriptor).equals(database)) return withLog(database, log);
  }
  throw new CredctlError('store_unavailable', `${shown(path)} changes too often to be read`, {
    hint: 'try again',
  });
}

function contentOf(path: string, descriptor: number): Buffer {
  const { size } = fstatSync(descriptor);
  if (size > LIMIT) {
    throw unusable(path, 'cannot be written, and is too large to be read into memory', LARGE);
  }
  const content = Buffer.alloc(size);
  let length = 0;
  for (let read = -1; read !== 0 && length < size; length += read) {
    read = readSync(descriptor, content, length, size - length, length);
  }
  return content.subarray(0, length);
}

function logOf(path: string): Buffer {
  try {
    return readFileSync(`${path}-wal`);
  } catch (fault) {
    if (errno(fault) === 'ENOENT') return Buffer.alloc(0);
    throw fault;
  }
}
