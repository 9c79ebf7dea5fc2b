import { rmSync, statSync } from 'node:fs';
import { CredctlError } from '../../domain/errors.js';
import { trailFault } from '../../domain/ports/audit-port.js';
import type { MigratableStore, Migrated } from '../../domain/ports/migration-port.js';
import type { Author } from '../../domain/ports/ports.js';
import { datedName, publish } from '../../files/atomic.js';
import { makePrivateDraft } from '../../files/private-directory.js';
import { SCHEMA_NUMBER } from '../schema/number.js';
import { verifyAuditTrail } from '../sql/audit-trail.js';
import { recordMigration } from '../sql/record-migration.js';
import { openDatabase } from './connection.js';
import type { SqliteDatabase } from './driver/database.js';
import { shown } from './file/access.js';
import { sealFile } from './file/digest.js';
import { inspectStoreFile } from './file/header.js';
import { identityOf, refuseReplaced } from './file/identity.js';
import { requireSchema } from './file/schema.js';
import type { CopyWatch } from './file/vacuum.js';
import { copyDatabase, fileFault, openToRead, requireSound } from './file/vacuum.js';
import { runSteps } from './migration-steps.js';
import { sqliteConnection } from './sql-connection.js';
import { SqliteTransactions } from './transaction.js';

/**
 * The store in a file, as one to be migrated.
 *
 * @throws CredctlError `store_unavailable` when there is none
 */
export function migratableSqlite(path: string, progress: CopyWatch): MigratableStore {
  const from = schemaOf(path);
  return {
    engine: 'sqlite',
    location: path,
    plan: async () => ({ from, to: SCHEMA_NUMBER }),
    async migrate(author, now) {
      if (from === SCHEMA_NUMBER) return { from, to: SCHEMA_NUMBER, backup: null, attested: null };
      try {
        return await migrate(path, author, now, progress);
      } catch (fault) {
        throw fileFault(fault, path, 'migrate');
      }
    },
    async close() {},
  };
}

function schemaOf(path: string): number {
  const schema = inspectStoreFile(path, SCHEMA_NUMBER);
  if (schema === null) {
    throw new CredctlError('store_unavailable', `there is no store at ${shown(path)}`, {
      hint: "check the path, or create a store with 'credctl store init'",
    });
  }
  if (schema === 0) requireSchema(path, schema);
  return schema;
}

/** Holds the write lock from before the backup to the end, so that the backup is the state that was migrated. */
async function migrate(path: string, author: Author, now: number, progress: CopyWatch): Promise<Migrated> {
  const identity = identityOf(path);
  const database = openDatabase(path);
  let backup: string | null = null;
  try {
    database.pragma('foreign_keys = off');
    const migrated = await new SqliteTransactions(database).run(async (): Promise<Migrated> => {
      refuseReplaced(path, identity);
      const from = Number(database.pragma('user_version', { simple: true }));
      // A concurrent migration has finished first.
      if (from >= SCHEMA_NUMBER) return { from, to: SCHEMA_NUMBER, backup: null, attested: null };
      backup = await keepBackup(path, from, now, progress);
      return carryOut(database, path, from, { author, now, backup });
    });
    scrub(database);
    return migrated;
  } catch (fault) {
    // After any fault, the open transaction has been rolled back.
    const isUnchanged = database.open && database.pragma('user_version', { simple: true }) !== SCHEMA_NUMBER;
    if (backup !== null && isUnchanged) rmSync(backup, { force: true });
    throw fault;
  } finally {
    database.close();
  }
}

/** Milliseconds to wait for readers, which keep the WAL from being truncated. */
const SCRUB_MS = 2_000;

/** Truncates the WAL, which still holds the replaced pages. Best effort: readers can prevent it. */
function scrub(database: SqliteDatabase): void {
  try {
    database.pragma(`busy_timeout = ${SCRUB_MS}`);
    database.pragma('wal_checkpoint(truncate)');
  } catch {}
}

async function carryOut(
  database: SqliteDatabase,
  path: string,
  from: number,
  change: { readonly author: Author; readonly now: number; readonly backup: string },
): Promise<Migrated> {
  runSteps(database, path, from);
  const { author, now, backup } = change;
  return recordMigration(sqliteConnection(database, path), author, { from, to: SCHEMA_NUMBER, backup }, now);
}

/** Migrates a private copy of an older backup to this program's schema. */
export async function migrateDraft(file: string, from: number): Promise<void> {
  const database = openDatabase(file);
  try {
    database.pragma('foreign_keys = off');
    await new SqliteTransactions(database).run(async () => runSteps(database, file, from));
  } finally {
    database.close();
  }
}

/**
 * Writes a checked, durable backup beside the store.
 *
 * @returns its path
 */
async function keepBackup(path: string, schema: number, now: number, { watch }: CopyWatch): Promise<string> {
  const draft = makePrivateDraft(path);
  try {
    const stop = watch('backing up', draft.file, statSync(path).size);
    try {
      const source = openToRead(path);
      try {
        copyDatabase(source, draft.file);
      } finally {
        source.close();
      }
      await requireWhole(draft.file, path, schema);
    } finally {
      await stop();
    }
    sealFile(draft.file);
    const backup = datedName(`${path}.schema-${schema}-`, now);
    if (!publish(draft.file, backup)) {
      throw new CredctlError('store_unavailable', `another program has just created ${shown(backup)}`, {
        hint: 'try again',
      });
    }
    return backup;
  } finally {
    draft.remove();
  }
}

async function requireWhole(file: string, path: string, schema: number): Promise<void> {
  const database = openToRead(file);
  try {
    const connection = sqliteConnection(database, path);
    await requireSound(database, connection, path, schema);
    const audit = await verifyAuditTrail(connection, null);
    if (audit.valid) return;
    throw new CredctlError('integrity', trailFault(audit), {
      hint: 'nothing was changed; restore the store from a backup with the version that made it',
    });
  } finally {
    database.close();
  }
}
