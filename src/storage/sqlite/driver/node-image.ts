import { closeSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CredctlError } from '../../../domain/errors.js';
import { crypto } from '../../../files/crypto.js';
import { createPrivateFile } from '../../../files/private-file.js';
import type { DatabaseSync } from './node-sqlite.js';

/** Where Linux has a file system in memory (tmpfs), and how statfs(2) tells it from one on a disk. */
const MEMORY = '/dev/shm';
const TMPFS_MAGIC = 0x01021994;

/**
 * Opens the content of a database in memory.
 *
 * @param open opens a database: the file at a path, or an empty one in memory for null
 * @throws CredctlError `store_unavailable` where there is no memory for it
 */
export function imageOf(content: Buffer, open: (path: string | null) => DatabaseSync): DatabaseSync {
  const database = open(null);
  if (database.deserialize === undefined) {
    database.close();
    return inUnnamedFile(content, open);
  }
  try {
    database.deserialize(content);
    return database;
  } catch (fault) {
    database.close();
    throw fault;
  }
}

/**
 * For Node.js 22, which has no `deserialize`: a file in memory that has lost its name before it gets its content. SQLite
 * opens it while it is empty, and looks at its size anew with each transaction.
 */
function inUnnamedFile(content: Buffer, open: (path: string) => DatabaseSync): DatabaseSync {
  const path = join(MEMORY, `credctl-${crypto().randomBytes(16).toString('hex')}`);
  let database: DatabaseSync | null = null;
  try {
    if (statfsSync(MEMORY).type !== TMPFS_MAGIC) throw new Error('it is no tmpfs');
    const descriptor = createPrivateFile(path);
    try {
      database = open(path);
      rmSync(path);
      writeFileSync(descriptor, content);
    } finally {
      closeSync(descriptor);
    }
    // A journal in a file would be refused, as the database has no name to find it by.
    database.exec('pragma journal_mode = memory');
    return database;
  } catch (cause) {
    database?.close();
    rmSync(path, { force: true });
    throw cause instanceof Error && 'errcode' in cause ? cause : noMemory(cause);
  }
}

function noMemory(cause: unknown): CredctlError {
  return new CredctlError(
    'store_unavailable',
    `there is no room in ${MEMORY} to read a store that cannot be written`,
    { hint: 'use Node.js 24 or newer, or a better-sqlite3 that is built: neither needs room there', cause },
  );
}
