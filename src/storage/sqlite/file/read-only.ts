import { fstatSync, readFileSync, readSync } from 'node:fs';
import { CredctlError } from '../../../domain/errors.js';
import { errno } from '../../../files/errno.js';
import { SCHEMA_NUMBER } from '../../schema/number.js';
import { connect } from '../connection.js';
import { sqliteFault } from '../fault.js';
import { SqliteStore } from '../store.js';
import { shown, unusable } from './access.js';
import { lastingDescriptor } from './descriptors.js';
import { inspectStoreFile } from './header.js';
import { withLog } from './log-replay.js';
import { requireSchemaOfFile, requireSchemaThrough } from './schema.js';

/** Upper bound in bytes of a file that is read into memory. */
const LIMIT = 1_073_741_824;

/** Attempts to read a consistent image while another machine, which may write, restarts the WAL. */
const TRIES = 20;

/**
 * Opens a store that cannot be written, for reading. SQLite needs to write shared memory beside a file in WAL mode,
 * so an image in memory, with the WAL applied, is opened instead.
 *
 * @returns null when there is no file
 * @throws CredctlError as opening a store does
 */
export function openReadOnly(path: string): SqliteStore | null {
  const schema = inspectStoreFile(path, SCHEMA_NUMBER, 'look');
  if (schema === null) return null;
  requireSchemaOfFile(path, schema);
  try {
    const database = requireSchemaThrough(connect(readWhole(path), { readonly: true }), path);
    database.exec('pragma trusted_schema = off; pragma cell_size_check = on; pragma query_only = on');
    return new SqliteStore(database, path);
  } catch (fault) {
    throw sqliteFault(fault, path);
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
  throw new CredctlError('store_unavailable', `${shown(path)} is being changed all the time`, {
    hint: 'try again',
  });
}

function contentOf(path: string, descriptor: number): Buffer {
  const { size } = fstatSync(descriptor);
  if (size > LIMIT) {
    throw unusable(
      path,
      'is read-only, and too large to be read into memory',
      'work on a copy on another disk',
    );
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
