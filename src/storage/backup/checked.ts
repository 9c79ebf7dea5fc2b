import { statSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { CredctlError, notFoundError, usageError } from '../../domain/errors.js';
import type {
  BackupOrigin,
  CheckedBackup,
  Continuation,
  Continued,
  DamagedStore,
} from '../../domain/ports/backup-port.js';
import type { Finding, Store } from '../../domain/ports/store-port.js';
import { syncFile } from '../../files/atomic.js';
import { isSameInode } from '../../files/identity.js';
import { makePrivateDraft, type PrivateDraft } from '../../files/private-directory.js';
import { OF_CONTENT } from '../check/finding.js';
import { INDEX_TOMBSTONES } from '../schema/migrations/003-receipts.js';
import { SCHEMA_NUMBER } from '../schema/number.js';
import type { SqlConnection } from '../sql/connection.js';
import { openDatabase } from '../sqlite/connection.js';
import { makeDirectory } from '../sqlite/create.js';
import type { SqliteDatabase } from '../sqlite/driver/database.js';
import { diskFull, isDamage, isDiskFull, sqliteFault } from '../sqlite/fault.js';
import { lstatOrNull, shown } from '../sqlite/file/access.js';
import { sealOf } from '../sqlite/file/digest.js';
import { inspectStoreFile } from '../sqlite/file/header.js';
import type { CopyWatch } from '../sqlite/file/vacuum.js';
import { copyDatabase, factsOf, fileFault, openToRead, requireSound } from '../sqlite/file/vacuum.js';
import { migrateDraft } from '../sqlite/migrate.js';
import { sqliteConnection } from '../sqlite/sql-connection.js';
import { SqliteStore } from '../sqlite/store.js';
import { continueTrail, endOfTrail } from './carried-trail.js';
import { SqliteDamagedStore } from './damaged-store.js';

const USE_ANOTHER = 'use another backup';

/** A checked copy of a backup, in a private directory beside the store that it is for. */
export interface SqliteCheckedBackup extends CheckedBackup {
  /** Completes the copy, durable and closed, and returns its path. */
  finish(): string;
}

/** Checks a backup and its copy; as `StoreFiles.openBackup`. */
export async function openBackup(
  location: string,
  file: string,
  now: number,
  progress: CopyWatch,
): Promise<SqliteCheckedBackup> {
  refuseStoreItself(location, file);
  const schema = inspectStoreFile(file, SCHEMA_NUMBER, 'backup');
  if (schema === null) throw notFoundError(`there is no file at ${shown(file)}`, 'name a backup');
  if (schema === 0) throw unsound(file, 'it does not have the schema of credctl');
  const { draft, hasDigest } = await copied(location, file, schema, progress);
  let database: SqliteDatabase | null = null;
  try {
    if (schema < SCHEMA_NUMBER) await migrateDraft(draft.file, schema);
    database = openDatabase(draft.file);
    return await checked(location, database, draft, { file, hasDigest }, now);
  } catch (fault) {
    database?.close();
    draft.remove();
    throw isDiskFull(fault, location) ? diskFull(location, fault) : backupFault(fault, file);
  }
}

async function copied(
  location: string,
  file: string,
  schema: number,
  progress: CopyWatch,
): Promise<{ readonly draft: PrivateDraft; readonly hasDigest: boolean }> {
  try {
    // Read before SQLite opens the file: closing a descriptor later would drop its POSIX advisory locks (fcntl(2)).
    const seal = sealOf(file);
    const source = openToRead(file);
    try {
      await requireSound(source, sqliteConnection(source, file), file, schema);
      if (seal === 'broken') throw unsound(file, 'it is damaged, or was changed after the backup');
      const draft = await copyBeside(location, file, source, progress);
      return { draft, hasDigest: seal === 'intact' };
    } finally {
      source.close();
    }
  } catch (fault) {
    throw backupFault(fault, file);
  }
}

async function copyBeside(
  location: string,
  file: string,
  source: SqliteDatabase,
  { watch }: CopyWatch,
): Promise<PrivateDraft> {
  try {
    const draft = draftBeside(location);
    const stop = watch('copying', draft.file, statSync(file).size);
    try {
      copyDatabase(source, draft.file);
      return draft;
    } catch (fault) {
      draft.remove();
      throw fault;
    } finally {
      await stop();
    }
  } catch (fault) {
    throw isDamage(fault) ? fault : fileFault(fault, location, 'write beside');
  }
}

/** The draft, and the directories created for it, which are removed with it if empty. */
function draftBeside(location: string): PrivateDraft {
  const undo = makeDirectory(dirname(location));
  try {
    const draft = makePrivateDraft(location);
    const remove = () => {
      draft.remove();
      undo();
    };
    return { ...draft, remove };
  } catch (fault) {
    undo();
    throw fault;
  }
}

async function checked(
  location: string,
  database: SqliteDatabase,
  draft: PrivateDraft,
  { file, hasDigest }: { readonly file: string; readonly hasDigest: boolean },
  now: number,
): Promise<SqliteCheckedBackup> {
  const store = new SqliteStore(database, draft.file, { location });
  const problem = (await store.check(now)).find(isUnsound);
  if (problem !== undefined) throw unsound(file, problem.message);
  const connection = sqliteConnection(database, location);
  const end = await endOfTrail(connection);
  const facts = await factsOf(connection, end, {
    path: file,
    schema: SCHEMA_NUMBER,
    sizeBytes: statSync(draft.file).size,
  });
  return {
    facts,
    hasDigest,
    origin: await originOf(store),
    store,
    async continueFrom(damaged, change) {
      try {
        return await continueFrom(connection, database, damaged, change, facts);
      } catch (fault) {
        throw sqliteFault(fault, location);
      }
    },
    finish() {
      try {
        database.pragma('journal_mode = WAL');
        database.close();
        syncFile(draft.file);
        return draft.file;
      } catch (fault) {
        throw fileFault(fault, location, 'write beside');
      }
    },
    async discard() {
      database.close();
      draft.remove();
    },
  };
}

/** Contradictions to the trail do not make a backup unsound: the restore corrects them. */
function isUnsound({ severity, check }: Finding): boolean {
  return severity === 'error' && !OF_CONTENT.has(check);
}

/** Origin recorded by the event of the backup, which the copy includes. */
async function originOf(store: Store): Promise<BackupOrigin | null> {
  const { items } = await store.listAudit({ action: 'store.backup', limit: 1 });
  const event = items[0]?.event;
  const { host, location } = event?.details ?? {};
  if (event === undefined || typeof host !== 'string' || typeof location !== 'string') return null;
  return { at: event.at, host, location };
}

async function continueFrom(
  connection: SqlConnection,
  database: SqliteDatabase,
  damaged: DamagedStore | null,
  { storeId, now }: Continuation,
  facts: { readonly events: number; readonly head: string },
): Promise<Continued> {
  const old = damaged instanceof SqliteDamagedStore ? damaged.connection : null;
  database.exec('begin immediate');
  try {
    await connection.run('delete from access_token', []);
    await connection.run('update store set place = null', []);
    if (storeId !== null) await connection.run('update store set store_id = ?', [storeId]);
    // Above every generation that a running process may have cached.
    await connection.run('update generation set value = max(value, ?) + 1', [now]);
    const hasTombstones = old !== null && (await carryTombstones(old, connection));
    const hasTrail = old !== null && (await continueTrail(old, connection, facts));
    database.exec('commit');
    return { hasTombstones, hasTrail };
  } finally {
    if (database.inTransaction) database.exec('rollback');
  }
}

async function carryTombstones(from: SqlConnection, to: SqlConnection): Promise<boolean> {
  try {
    const rows = await from.tuples<readonly [string, string | null, string, number]>(
      'select credential_id, client_id, version_ids, deleted_at from tombstone',
      [],
    );
    for (const row of rows) {
      await to.run(
        `insert or ignore into tombstone (credential_id, client_id, version_ids, deleted_at)
          select ?, ?, ?, ? where not exists (select 1 from credential where id = ?)`,
        [...row, row[0]],
      );
    }
    await to.run(INDEX_TOMBSTONES, []);
    return true;
  } catch (fault) {
    if (fault instanceof CredctlError && fault.code === 'integrity') return false;
    throw fault;
  }
}

function refuseStoreItself(location: string, file: string): void {
  if (isSameInode(lstatOrNull(location), lstatOrNull(file)))
    throw usageError(`${shown(basename(file))} is the store itself`, 'name a backup');
}

/** Damage found while a backup is read is the backup's, not the store's. */
function backupFault(fault: unknown, file: string): unknown {
  const reported = fileFault(fault, file, 'read');
  if (!(reported instanceof CredctlError) || reported.code !== 'integrity') return reported;
  return new CredctlError('integrity', reported.message, { hint: USE_ANOTHER, cause: fault });
}

function unsound(file: string, problem: string): CredctlError {
  return new CredctlError('integrity', `${shown(file)} cannot be restored: ${problem}`, {
    hint: USE_ANOTHER,
  });
}
