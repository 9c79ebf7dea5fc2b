import { rmSync } from 'node:fs';
import { CredctlError } from '../../domain/errors.js';
import type { CheckedBackup, PresentStore, StoreFiles } from '../../domain/ports/backup-port.js';
import type { Finding } from '../../domain/ports/store-port.js';
import { OF_CONTENT } from '../check/finding.js';
import { lstatOrNull, shown } from '../sqlite/file/access.js';
import { identityOf } from '../sqlite/file/identity.js';
import type { CopyWatch } from '../sqlite/file/vacuum.js';
import { openSqliteStore, type SqliteStore } from '../sqlite/store.js';
import { openBackup, type SqliteCheckedBackup } from './checked.js';
import { lockDamagedStore, SqliteDamagedStore } from './damaged-store.js';
import { draftBackup } from './draft.js';
import { install, keepCopy } from './install.js';

/** The files of the store at a path: backup and restore. */
export function sqliteStoreFiles(location: string, progress: CopyWatch): StoreFiles {
  const opened = new WeakMap<CheckedBackup, SqliteCheckedBackup>();
  return {
    location,
    async open() {
      const store = openSqliteStore(location);
      if (store !== null) return store;
      throw new CredctlError('store_unavailable', `there is no store at ${shown(location)}`, {
        hint: "check the path, or create a store with 'credctl store init'",
      });
    },
    draftBackup: (file, force) => draftBackup(location, file, force, progress),
    async openBackup(file, now) {
      const backup = await openBackup(location, file, now, progress);
      opened.set(backup, backup);
      return backup;
    },
    present: (now) => present(location, now),
    keepCopy: (now) => keepCopy(location, now),
    dropCopy: (path) => rmSync(path, { force: true }),
    lockDamagedStore: (identity) => lockDamagedStore(location, identity),
    async install(backup, damaged, now) {
      const copy = opened.get(backup);
      if (copy === undefined) throw new TypeError('a backup that was not opened here cannot be installed');
      return install(copy.finish(), location, damaged instanceof SqliteDamagedStore ? damaged : null, now);
    },
  };
}

async function present(location: string, now: number): Promise<PresentStore> {
  let store: SqliteStore | null = null;
  const damaged = (cause: string): PresentStore => ({ state: 'damaged', cause, identity });
  const identity = identityOf(location);
  try {
    // An empty file, as a crash may leave it, counts as damaged rather than as another program's file.
    if (isEmptyFile(location)) return damaged('it is empty');
    store = openSqliteStore(location);
    if (store === null) return { state: 'missing' };
    const problem = (await store.check(now)).find(isDamage);
    if (problem === undefined) return { state: 'sound', store };
    await store.close();
    return damaged(problem.message);
  } catch (fault) {
    await store?.close();
    if (fault instanceof CredctlError && fault.code === 'integrity') return damaged(fault.message);
    throw fault;
  }
}

/** Loose permissions of a copy beside the store are an error, but no damage of the store. */
function isDamage({ severity, check }: Finding): boolean {
  return severity === 'error' && check !== 'modes' && !OF_CONTENT.has(check);
}

function isEmptyFile(path: string): boolean {
  const found = lstatOrNull(path);
  return found?.isFile() === true && found.size === 0;
}
