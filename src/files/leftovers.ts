import { readdirSync, type Stats, unlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { crypto } from './crypto.js';
import { isSameInode, lookAt } from './identity.js';
import { quietly, removeOwnDirectory } from './own-directory.js';
import { type Liveness, livenessOf, ownStart, processSpace } from './process.js';

/** Kinds of temporary entries: an output being written, a store being created, a directory for drafts. */
export type TemporaryKind = 'tmp' | 'new' | 'draft';

/** A temporary entry whose process has ended, or is not known to be running. */
export interface Leftover {
  readonly path: string;
  readonly kind: TemporaryKind;
  /** The final name of the file that it was written for. */
  readonly of: string;
  /**
   * Whether its process has certainly ended. Otherwise it is left alone: a process in another container may be
   * writing it.
   */
  readonly isDead: boolean;
}

/** Milliseconds without a write after which an entry of an unknown process counts as dead. */
export const DEAD_AFTER_MS = 3_600_000;

/** The database in a draft directory. */
export const DRAFT_FILE = 'draft.db';

/** A database, and the files that SQLite puts beside it. */
export const DATABASE_SUFFIXES = ['', '-wal', '-shm', '-journal'] as const;

/** Bytes of the target's name that a temporary name repeats: names have at most 255 bytes. */
const REPEATED_BYTES = 180;

/** Digest of boot and PID namespace, process id, its start time, a random part. */
const NAME =
  /^\.(.+)\.credctl-([0-9a-f]{10})-(\d+)-(\d*)-[0-9a-f]{12}\.(?:(tmp|draft)|(new)(?:-wal|-shm|-journal)?)$/;

/** Names of earlier versions hold only the process id, without the PID namespace that it belongs to. */
const EARLIER_OUTPUT = /^\.(.+)\.credctl-(\d+)-[0-9a-f]{12}\.(tmp)$/;
const EARLIER_DATABASE = /^\.(.+)\.(\d+)-[0-9a-f]{12}\.(?:(draft)|(new)(?:-wal|-shm|-journal)?)$/;

/**
 * Identifies this process in the names of its temporary entries: digest of boot and PID namespace, process id, and
 * start time.
 */
export function processMark(): string {
  return `${spaceDigest()}-${process.pid}-${ownStart()}`;
}

/** Whether the process of a mark has certainly ended; false for one of another machine or PID namespace. */
export function isDeadMark(mark: string): boolean {
  const [space, pid = '', started = ''] = mark.split('-');
  return space === spaceDigest() && /^[1-9]\d{0,9}$/.test(pid) && livenessOf(Number(pid), started) === 'gone';
}

/** A new temporary path beside `target`, which sweeps recognise. */
export function temporaryPath(target: string, kind: TemporaryKind): string {
  const random = crypto().randomBytes(6).toString('hex');
  return join(dirname(target), `.${repeated(basename(target))}.credctl-${processMark()}-${random}.${kind}`);
}

/**
 * The temporary entries of a directory, without those of running processes. Empty for a directory that cannot be
 * listed.
 *
 * @param now epoch milliseconds
 */
export function leftoversIn(directory: string, now = Date.now()): readonly Leftover[] {
  return namesIn(directory).flatMap((name) => leftoverNamed(directory, name, now) ?? []);
}

/** Whether an entry belongs to `target`: its stores and drafts, and outputs of any name beside it. */
export function isLeftoverOf({ of, kind }: Leftover, target: string): boolean {
  return kind === 'tmp' || of === repeated(basename(target));
}

/**
 * Removes leftovers of killed processes beside `target`: regular files and draft directories of this user, without
 * following links and without recursion. Errors are ignored.
 */
export function sweepLeftovers(target: string, kinds: readonly TemporaryKind[]): void {
  for (const leftover of leftoversIn(dirname(target))) {
    if (!kinds.includes(leftover.kind) || !isLeftoverOf(leftover, target)) continue;
    // A published store has its draft's name as a second hard link until its process removes that.
    if (leftover.isDead || isSameFile(leftover.path, target)) remove(leftover);
  }
}

/**
 * Counts a file's hard links with temporary names beside it, whether their process is running or not: a store
 * published by a hard link keeps the name of its draft until that is removed.
 */
export function temporaryNamesOf(target: string): number {
  const directory = dirname(target);
  return namesIn(directory).filter((name) => {
    const kind = parsedName(name)?.kind;
    if (kind === undefined) return false;
    return isSameFile(kind === 'draft' ? join(directory, name, DRAFT_FILE) : join(directory, name), target);
  }).length;
}

/** Removes a draft directory with the database in it. */
export function removeDraft(directory: string): void {
  removeOwnDirectory(
    directory,
    DATABASE_SUFFIXES.map((suffix) => `${DRAFT_FILE}${suffix}`),
  );
}

/** Removes a temporary file, and the files that SQLite puts beside it. */
export function removeTemporary(path: string): void {
  for (const suffix of DATABASE_SUFFIXES) quietly(() => unlinkSync(`${path}${suffix}`));
}

function leftoverNamed(directory: string, name: string, now: number): Leftover | null {
  const written = parsedName(name);
  if (written === null) return null;
  const { of, kind, liveness } = written;
  const path = join(directory, name);
  const found = lookAt(path);
  if (liveness === 'running' || found === null || !isOurs(found, kind, directory)) return null;
  const isOld = now - lastWrite(path, found) >= DEAD_AFTER_MS;
  return { path, kind, of, isDead: liveness === 'gone' || isOld };
}

function parsedName(name: string): { of: string; kind: TemporaryKind; liveness: Liveness } | null {
  const [, of = '', space, pid, started = '', ...kinds] = NAME.exec(name) ?? [];
  const kind = kindAmong(kinds);
  if (kind !== null) {
    return { of, kind, liveness: space === spaceDigest() ? livenessOf(Number(pid), started) : 'unknown' };
  }
  const [, earlierOf = '', earlierPid, ...earlierKinds] =
    EARLIER_OUTPUT.exec(name) ?? EARLIER_DATABASE.exec(name) ?? [];
  const earlierKind = kindAmong(earlierKinds);
  return earlierKind && { of: earlierOf, kind: earlierKind, liveness: livenessOf(Number(earlierPid), '') };
}

function kindAmong(groups: readonly (string | undefined)[]): TemporaryKind | null {
  return (['tmp', 'new', 'draft'] as const).find((kind) => groups.includes(kind)) ?? null;
}

/**
 * Only entries of this user are touched: other users of a writable directory can create any name. An output about
 * to replace a file may have been given to the owner of the directory already.
 */
function isOurs(found: Stats, kind: TemporaryKind, directory: string): boolean {
  const isExpected = kind === 'draft' ? found.isDirectory() : found.isFile();
  const isOfUs = process.geteuid === undefined || found.uid === process.geteuid();
  return isExpected && (isOfUs || (kind === 'tmp' && found.uid === lookAt(directory)?.uid));
}

/** Writes to the files in a draft directory do not change the directory's own mtime. */
function lastWrite(path: string, found: Stats): number {
  if (!found.isDirectory()) return found.mtimeMs;
  const within = DATABASE_SUFFIXES.map(
    (suffix) => lookAt(join(path, `${DRAFT_FILE}${suffix}`))?.mtimeMs ?? 0,
  );
  return Math.max(found.mtimeMs, ...within);
}

/** Whether two paths are hard links to one inode. */
export function isSameFile(path: string, target: string): boolean {
  try {
    return isSameInode(lookAt(path), lookAt(target));
  } catch {
    return false;
  }
}

function remove({ path, kind }: Leftover): void {
  if (kind === 'draft') removeDraft(path);
  else quietly(() => unlinkSync(path));
}

/** 40 bits of SHA-256. Where Linux hides boot id or PID namespace, a random digest, which equals no other. */
function spaceDigest(): string {
  const { boot, namespace } = processSpace();
  const isKnown = boot !== '' && namespace !== '';
  const unknown = process.platform === 'linux' ? crypto().randomBytes(16) : hostname();
  const text = isKnown ? `${boot} ${namespace}` : unknown;
  return crypto().createHash('sha256').update(text).digest('hex').slice(0, 10);
}

function repeated(name: string): string {
  return Buffer.from(name).subarray(0, REPEATED_BYTES).toString();
}

/** The entries of a directory; empty if it cannot be listed. */
export function namesIn(directory: string): readonly string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}
