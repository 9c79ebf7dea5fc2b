import { type BigIntStats, statSync } from 'node:fs';
import type { StorePlacing } from '../../../domain/ports/store-placing.js';
import { codeOf } from '../../../files/errno.js';
import { machineId } from '../../../files/machine.js';
import type { Placed } from '../../placed.js';
import type { SqliteDatabase } from '../driver/database.js';
import { lastingDescriptor } from './descriptors.js';
import { sealThrough } from './digest.js';
import { usesLog } from './header.js';

/** A file's place, as the store's column `place` records it. Device and inode are decimal numbers. */
interface FilePlace {
  readonly path: string;
  readonly device: string;
  readonly inode: string;
  readonly machine: string;
}

/**
 * Compares the recorded place with the file's present one. If path, device and inode are unchanged, one `stat`
 * suffices.
 *
 * @param path absolute
 */
export async function placed(database: SqliteDatabase, path: string): Promise<Placed> {
  const row = database.prepare<[], { store_id: string; place: string | null }>(
    'select store_id, place from store',
  );
  const { store_id: id, place } = row.get() ?? { store_id: '', place: null };
  const found = lookAt(path);
  const remembered = place === null ? null : parsePlace(place);
  const same = { kind: 'same' } as const;
  if (found === null) return { placing: same, toRemember: null };
  const isSameFile = remembered !== null && isFile(found, remembered);
  if (isSameFile && remembered.path === path) return { placing: same, toRemember: null };
  const toRemember = placeText(path, found);
  const isKnown = isSameFile && remembered.machine === machineId();
  if (remembered === null || isKnown || remembered.path === path) return { placing: same, toRemember };
  return (await isOther(remembered.path, found, id))
    ? { placing: { kind: 'copy', of: remembered.path }, toRemember: null }
    : { placing: { kind: 'moved', from: remembered.path }, toRemember };
}

/** As {@link placed}, without what to record; tells a backup from a file that was copied or moved. */
export async function placingOf(database: SqliteDatabase, path: string): Promise<StorePlacing> {
  const { placing } = await placed(database, path);
  if (placing.kind !== 'copy' && placing.kind !== 'moved') return placing;
  // The descriptor stays open: closing one would drop SQLite's advisory locks on the file (fcntl(2)).
  if (usesLog(path) || sealThrough(lastingDescriptor(path)) !== 'intact') return placing;
  return { kind: 'backup', file: path, original: placing.kind === 'copy' ? placing.of : null };
}

/**
 * The place to record in a store whose file is to be moved to `path`.
 *
 * @param file its present path
 */
export function futurePlace(file: string, path: string): string {
  return placeText(path, statSync(file, { bigint: true }));
}

function placeText(path: string, { dev, ino }: BigIntStats): string {
  const place: FilePlace = { path, device: String(dev), inode: String(ino), machine: machineId() };
  return JSON.stringify(place);
}

/** Whether the recorded path has another file that is a store of that id, or whose id cannot be read. */
async function isOther(path: string, own: BigIntStats, id: string): Promise<boolean> {
  const found = lookAt(path);
  if (found === null || !found.isFile() || (found.dev === own.dev && found.ino === own.ino)) return false;
  const { openToRead } = await import('./vacuum.js');
  try {
    const database = openToRead(path);
    try {
      const other = database.prepare<[], { store_id: string }>('select store_id from store').get();
      return other?.store_id === id;
    } finally {
      database.close();
    }
  } catch (fault) {
    return !isNoStore(fault);
  }
}

/** Whether the file is no database, or one without the tables of a store. */
function isNoStore(fault: unknown): boolean {
  const isDatabase = codeOf(fault) !== 'SQLITE_NOTADB';
  return !isDatabase || (fault instanceof Error && /no such (?:table|column)/.test(fault.message));
}

function isFile(found: BigIntStats, { device, inode }: FilePlace): boolean {
  return String(found.dev) === device && String(found.ino) === inode;
}

function lookAt(path: string): BigIntStats | null {
  try {
    return statSync(path, { bigint: true, throwIfNoEntry: false }) ?? null;
  } catch {
    return null;
  }
}

/** Null for what cannot be parsed, as for an empty column. */
function parsePlace(text: string): FilePlace | null {
  try {
    const place: unknown = JSON.parse(text);
    if (typeof place !== 'object' || place === null) return null;
    const { path, device, inode, machine } = place as Readonly<Record<string, unknown>>;
    return typeof path === 'string' &&
      typeof device === 'string' &&
      typeof inode === 'string' &&
      typeof machine === 'string'
      ? { path, device, inode, machine }
      : null;
  } catch {
    return null;
  }
}
