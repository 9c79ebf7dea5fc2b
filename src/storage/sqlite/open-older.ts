import { dirname } from 'node:path';
import { CredctlError } from '../../domain/errors.js';
import type { Store } from '../../domain/ports/store-port.js';
import { shellWord } from '../../domain/text/quote.js';
import { vanished } from '../empty-store.js';
import type { OpenOptions, StoreSystem } from '../engine.js';
import { SCHEMA_NUMBER } from '../schema/number.js';
import { OlderSchema, unmigratable } from '../schema/older-schema.js';
import { shown, writeObstacle } from './file/access.js';
import { sealOf } from './file/digest.js';
import { usesLog } from './file/header.js';
import { openImage } from './file/image.js';
import { migratableSqlite } from './migrate.js';
import { openSqliteStore } from './store.js';

/**
 * Opens the store in a file of an older schema: migrates it, where file and directory can be written and it is no
 * backup. Otherwise, for reading, an image in memory is migrated.
 *
 * @param schema of the file
 * @throws CredctlError `store_unavailable` where it is to be changed and cannot be migrated
 */
export async function openOlderFile(
  path: string,
  schema: number,
  system: StoreSystem,
  options: OpenOptions,
): Promise<Store> {
  const fault = obstacleTo(path, schema) ?? (await migrated(path, system, options));
  const store = fault === null ? openSqliteStore(path, options.busySeconds) : null;
  if (store !== null) return store;
  if (fault !== null && options.whenMissing === 'create-on-write') throw fault;
  if (fault !== null) options.onLeftOlder?.(fault);
  const image = fault === null ? null : await openImage(path, () => fault);
  if (image !== null) return image;
  throw vanished(shown(path));
}

/**
 * Opens an image in memory of a store that SQLite cannot open where it is, for reading.
 *
 * @returns null when there is no file
 * @throws CredctlError as opening a store does; `OlderSchema` where older schemas are to be left
 */
export function openClosedFile(path: string, options: OpenOptions): Promise<Store | null> {
  return openImage(path, (schema) => {
    if (schema === SCHEMA_NUMBER) return closed(path);
    const older = new OlderSchema(shown(path), schema);
    if (options.leavesOlder === true) throw older;
    const fault = obstacleTo(path, schema) ?? older;
    options.onLeftOlder?.(fault);
    return fault;
  });
}

/**
 * The error for a store that is to be changed where SQLite cannot open it: of an older schema, it says that too.
 *
 * @param fault what opening it has thrown, returned where that has another cause
 */
export async function refusalOfClosed(path: string, fault: unknown): Promise<unknown> {
  let refusal = fault;
  const image = openImage(path, (schema) => {
    refusal = (schema === SCHEMA_NUMBER ? closed(path) : obstacleTo(path, schema)) ?? fault;
    throw refusal;
  });
  await image.catch(() => {});
  return refusal;
}

/** The error of every change of a file that cannot be written, or not in its directory. */
function closed(path: string): CredctlError {
  const directory = dirname(path);
  const file = writeObstacle(path);
  const obstacle = file ?? writeObstacle(directory, '700') ?? UNKNOWN;
  const place = shown(file === null ? directory : path);
  return new CredctlError('store_unavailable', `${place} ${obstacle.fact}`, { hint: obstacle.hint });
}

/** Where it can be written after all, where the mode was changed since. */
const UNKNOWN = { fact: 'could not be written when it was opened', hint: 'run the command again' };

/** @returns null when it was migrated, by this call or a concurrent one; otherwise why not */
async function migrated(
  path: string,
  system: StoreSystem,
  options: OpenOptions,
): Promise<CredctlError | null> {
  const { author } = await options.newStore();
  try {
    const store = migratableSqlite(path, { watch: () => async () => {} });
    const migrated = await store.migrate(author, system.clock.now());
    if (migrated.from !== migrated.to) options.onMigrated?.(migrated);
    return null;
  } catch (fault) {
    if (fault instanceof CredctlError) return fault;
    throw fault;
  }
}

/** The error for a file that is not to be migrated where it is; null where it is. */
function obstacleTo(path: string, schema: number): CredctlError | null {
  const refused = (fact: string, hint: string) => unmigratable(shown(path), schema, fact, hint);
  const file = writeObstacle(path);
  if (file !== null) return refused(`it ${file.fact}`, file.hint);
  const directory = dirname(path);
  const beside = writeObstacle(directory, '700');
  if (beside !== null) {
    return refused(
      `the backup before the migration goes into ${shown(directory)}, which ${beside.fact}`,
      beside.hint,
    );
  }
  if (usesLog(path) || sealOf(path) !== 'intact') return null;
  return refused(
    'the file is a backup, and a migrated backup cannot be restored',
    `restore the backup: credctl store restore ${shellWord(path)} --store NEW`,
  );
}
