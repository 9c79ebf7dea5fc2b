import { closeSync, constants, openSync, readSync, renameSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { CredctlError, conflictError, usageError } from '../../domain/errors.js';
import { trailFault } from '../../domain/ports/audit-port.js';
import type { BackupDraft, BackupFacts } from '../../domain/ports/backup-port.js';
import { publish, syncDirectory } from '../../files/atomic.js';
import { isSameInode, lookAt } from '../../files/identity.js';
import { DATABASE_SUFFIXES } from '../../files/leftovers.js';
import { isMountPoint } from '../../files/mounts.js';
import { makePrivateDraft, type PrivateDraft } from '../../files/private-directory.js';
import { SCHEMA_NUMBER } from '../schema/number.js';
import { verifyAuditTrail } from '../sql/audit-trail.js';
import { openDatabase } from '../sqlite/connection.js';
import { isDamage, sqliteFault } from '../sqlite/fault.js';
import { requirePrivateDirectory, shown } from '../sqlite/file/access.js';
import { sealFile, sealOf } from '../sqlite/file/digest.js';
import { isOurHeader } from '../sqlite/file/header.js';
import type { CopyWatch } from '../sqlite/file/vacuum.js';
import { copyDatabase, factsOf, fileFault, openToRead, requireSound } from '../sqlite/file/vacuum.js';
import { sqliteConnection } from '../sqlite/sql-connection.js';

/** Prepares a backup of the store at `location`; as `StoreFiles.draftBackup`. */
export function draftBackup(
  location: string,
  file: string,
  force: boolean,
  progress: CopyWatch,
): BackupDraft {
  let draft: PrivateDraft;
  try {
    refuseOwnFiles(location, file);
    requirePrivateDirectory(dirname(file));
    refuseTarget(file, force);
    draft = makePrivateDraft(file);
  } catch (fault) {
    throw fileFault(fault, file, 'write');
  }
  return {
    async fill() {
      try {
        return await fill(location, file, draft, progress);
      } catch (fault) {
        throw fileFault(fault, file, 'write');
      }
    },
    publish() {
      try {
        place(draft.file, file, force);
      } catch (fault) {
        throw fileFault(fault, file, 'write');
      }
    },
    discard: () => draft.remove(),
  };
}

async function fill(
  location: string,
  file: string,
  draft: PrivateDraft,
  { watch }: CopyWatch,
): Promise<BackupFacts> {
  const stopCopying = watch('copying', draft.file, statSync(location).size);
  try {
    const source = openDatabase(location);
    try {
      copyDatabase(source, draft.file);
    } catch (fault) {
      // The new copy cannot be damaged, so the fault is the store's.
      throw isDamage(fault) ? sqliteFault(fault, location) : fault;
    } finally {
      source.close();
    }
  } finally {
    await stopCopying();
  }
  sealFile(draft.file);
  const stopChecking = watch('checking', draft.file, 0);
  try {
    return await verified(file, draft.file);
  } finally {
    await stopChecking();
  }
}

/** Reads the copy back and checks it, as a restore would. */
async function verified(file: string, draft: string): Promise<BackupFacts> {
  const database = openToRead(draft);
  try {
    const connection = sqliteConnection(database, draft);
    await requireSound(database, connection, file);
    const audit = await verifyAuditTrail(connection, null);
    if (!audit.valid) {
      throw new CredctlError('integrity', trailFault(audit), {
        hint: "no backup was made; see 'credctl store check'",
      });
    }
    return factsOf(connection, audit, { path: file, schema: SCHEMA_NUMBER, sizeBytes: statSync(draft).size });
  } finally {
    database.close();
  }
}

/** A rename replaces a symbolic link itself, not its target. */
function place(draft: string, file: string, force: boolean): void {
  refuseTarget(file, force);
  if (!force) {
    if (!publish(draft, file)) throw taken(file);
    return;
  }
  renameSync(draft, file);
  syncDirectory(dirname(file));
}

function refuseTarget(file: string, force: boolean): void {
  const found = lookAt(file);
  for (const suffix of ['-wal', '-shm', '-journal']) {
    if (lookAt(`${file}${suffix}`) === null) continue;
    throw conflictError(
      `${shown(`${file}${suffix}`)} exists, and SQLite would read it as part of the backup`,
      'remove that file, or choose another name',
    );
  }
  if (found === null) return;
  if (found.isSymbolicLink()) {
    throw conflictError(`${shown(file)} is a symbolic link`, 'name the file that it points to');
  }
  if (!found.isFile()) throw conflictError(`${shown(file)} is not a regular file`, 'name another file');
  if (isMountPoint(file)) {
    throw conflictError(`${shown(file)} is a mount point`, 'mount the directory instead of the file');
  }
  if (!force) throw taken(file);
  refuseUnlessBackup(file);
}

function taken(file: string): CredctlError {
  return conflictError(`the file ${shown(file)} exists already`, 'choose another name, or add --force');
}

/** Only a file whose header proves it a backup may be overwritten. A store is in WAL mode, a backup never is. */
function refuseUnlessBackup(file: string): void {
  const header = readHeader(file);
  if (!isOurHeader(header)) {
    throw conflictError(
      `${shown(file)} is not a credctl backup`,
      'choose another name, or remove the file yourself',
    );
  }
  if (header.readUInt8(18) === 2) {
    throw conflictError(`${shown(file)} is a store, not a backup`, 'choose another name for the backup');
  }
  const schema = header.readUInt32BE(60);
  if (schema > SCHEMA_NUMBER) {
    throw conflictError(
      `${shown(file)} was written by a newer credctl (schema ${schema})`,
      'choose another name, or remove the file yourself',
    );
  }
  if (sealOf(file) !== 'intact') {
    throw conflictError(
      `${shown(file)} was changed after the backup: it is damaged, or was used as a store`,
      'choose another name, or remove the file yourself',
    );
  }
}

function readHeader(file: string): Buffer {
  const descriptor = openSync(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const header = Buffer.alloc(100);
    return header.subarray(0, readSync(descriptor, header, 0, header.length, 0));
  } finally {
    closeSync(descriptor);
  }
}

function refuseOwnFiles(location: string, file: string): void {
  const target = lookAt(file);
  const own = DATABASE_SUFFIXES.map((suffix) => `${location}${suffix}`);
  if (own.some((path) => path === file || isSameInode(lookAt(path), target)))
    throw usageError(`${shown(file)} belongs to the store itself`, 'choose another name for the backup');
}
