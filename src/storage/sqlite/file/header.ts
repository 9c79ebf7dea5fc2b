import { fstatSync, readSync } from 'node:fs';
import { dirname } from 'node:path';
import { CredctlError } from '../../../domain/errors.js';
import { requireMigratable } from '../../schema/older-schema.js';
import type { SqliteDatabase } from '../driver/database.js';
import {
  inspectPlace,
  isReadOnly,
  lstatOrNull,
  type Purpose,
  refuseReadOnly,
  shown,
  unreadable,
  unusable,
} from './access.js';
import { lastingDescriptor } from './descriptors.js';

/** SQLite's application_id of a store: "cctl" in ASCII. */
export const APPLICATION_ID = 0x63_63_74_6c;

const HEADER_BYTES = 100;

/** Byte of the header that is 2 in WAL mode, 1 otherwise. */
const WRITE_VERSION = 18;

/** Bytes to search for the table definitions of a damaged store. */
const LOOK_BYTES = 1_048_576;

const MAGIC = 'SQLite format 3\0';

/**
 * Checks a store's file and those beside it, and reads its header without opening it as a database.
 *
 * @param schema the newest schema that this program knows
 * @param purpose a store that is to be changed must not be read-only
 * @returns the schema number of the store, or null when there is no file
 * @throws CredctlError `denied` when others could read or replace it, `store_unavailable` when it is no store of
 *   this program, a newer one or one too old to migrate, `integrity` when it is damaged
 */
export function inspectStoreFile(path: string, schema: number, purpose: Purpose = 'store'): number | null {
  if (!inspectOwnPlace(path, purpose)) return null;
  const present = readSchema(path, schema, purpose);
  if (purpose === 'store') refuseReadOnly(path);
  return present;
}

/** As {@link inspectPlace}; of a file that is no store, that is what the error says, not who may open it. */
function inspectOwnPlace(path: string, purpose: Purpose): boolean {
  try {
    return inspectPlace(path, purpose);
  } catch (fault) {
    if (fault instanceof CredctlError && fault.code === 'denied') refuseOther(path, purpose);
    throw fault;
  }
}

function refuseOther(path: string, purpose: Purpose): void {
  if (lstatOrNull(path)?.isFile() !== true) return;
  let descriptor: number;
  try {
    descriptor = lastingDescriptor(path);
  } catch {
    return;
  }
  if (isOurHeader(headerIn(descriptor))) return;
  const refusal = notOurs(path, descriptor, purpose);
  if (refusal.code !== 'integrity') throw refusal;
}

function headerIn(descriptor: number): Buffer {
  const start = Buffer.alloc(HEADER_BYTES);
  return start.subarray(0, readSync(descriptor, start, 0, start.length, 0));
}

function readSchema(path: string, newest: number, purpose: Purpose): number {
  const descriptor = openFile(path);
  const start = headerIn(descriptor);
  if (!isOurHeader(start)) throw notOurs(path, descriptor, purpose);
  return known(path, start.readUInt32BE(60), newest);
}

/** Whether an existing file is in WAL mode, as a store is and a backup is not. */
export function usesLog(path: string): boolean {
  const version = Buffer.alloc(1);
  readSync(openFile(path), version, 0, 1, WRITE_VERSION);
  return version[0] === 2;
}

/**
 * Whether SQLite could not open a store even to read it: the file cannot be written, or its WAL could not be created
 * beside it. False where there is no file.
 */
export function isClosedToLog(path: string): boolean {
  if (isReadOnly(path)) return true;
  if (!isReadOnly(dirname(path)) || lstatOrNull(path) === null) return false;
  return usesLog(path) && ['-wal', '-shm'].some((suffix) => lstatOrNull(`${path}${suffix}`) === null);
}

/**
 * The schema number through an open connection, for a process that has the file open already.
 *
 * @throws CredctlError as `inspectStoreFile`
 */
export function schemaThrough(database: SqliteDatabase, path: string, newest: number): number {
  const application = Number(database.pragma('application_id', { simple: true }));
  if (application !== APPLICATION_ID) {
    throw unusable(
      path,
      'is not a credctl store',
      'name another file with --store; this one was not changed',
    );
  }
  return known(path, Number(database.pragma('user_version', { simple: true })), newest);
}

/** The schema number, if this program can read or migrate it; 0 for a file that has lost its number. */
function known(path: string, schema: number, newest: number): number {
  if (schema > newest) {
    throw unusable(path, `was written by a newer credctl (schema ${schema})`, 'install the newer version');
  }
  if (schema > 0) requireMigratable(shown(path), schema);
  return schema;
}

function openFile(path: string): number {
  try {
    return lastingDescriptor(path);
  } catch (fault) {
    throw unreadable(path, fault);
  }
}

/** Whether a file starts with the header of a store of this program. */
export function isOurHeader(start: Buffer): boolean {
  const isDatabase = start.length >= HEADER_BYTES && start.toString('latin1', 0, MAGIC.length) === MAGIC;
  return isDatabase && start.readUInt32BE(68) === APPLICATION_ID;
}

/** Tells a damaged store from a file that never was one by the text of the table definitions. */
function notOurs(path: string, descriptor: number, purpose: Purpose): CredctlError {
  const beginning = Buffer.alloc(LOOK_BYTES);
  const start = beginning.toString('latin1', 0, readSync(descriptor, beginning, 0, LOOK_BYTES, 0));
  if (start.includes('audit_head') && start.includes('version_hash')) {
    return new CredctlError('integrity', `${shown(path)} is damaged: its header is not that of a store`, {
      hint:
        purpose !== 'backup'
          ? 'keep a copy of the file and restore the store from a backup'
          : 'use another backup',
    });
  }
  const noun = purpose === 'backup' ? 'backup' : 'store';
  return unusable(
    path,
    fstatSync(descriptor).size === 0 ? `is empty, not a credctl ${noun}` : `is not a credctl ${noun}`,
    purpose !== 'backup'
      ? 'name another file with --store; this one was not changed'
      : 'use another backup; this file was not changed',
  );
}
