import { lstatSync, readdirSync, type Stats, unlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { crypto } from './crypto.js';
import { quietly, removeOwnDirectory } from './own-directory.js';
import { type Liveness, livenessOf, ownStart, processSpace } from './process.js';

/** What a temporary entry is: an output that is being written, a store that is being made, a directory for drafts. */
export type TemporaryKind = 'tmp' | 'new' | 'draft';

/** A temporary entry whose writer has ended, or cannot be told to live. */
export interface Leftover {
  readonly path: string;
  readonly kind: TemporaryKind;
  /** The name of the file that it was to become. */
  readonly of: string;
  /** Whether its writer has certainly ended. Otherwise it is left alone: another container may be writing it. */
  readonly isDead: boolean;
}

/** What cannot be told to be dead counts as dead after this time without a write, in milliseconds. */
export const DEAD_AFTER_MS = 3_600_000;

/** The database in a draft directory. */
export const DRAFT_FILE = 'draft.db';

/** A database, and what SQLite puts beside it. */
export const DATABASE_SUFFIXES = ['', '-wal', '-shm', '-journal'] as const;

/** Bytes of a file's name that its temporary names repeat: a name has 255 at most. */
const REPEATED_BYTES = 180;

/** Digest of boot and PID namespace, process id, its start, a random part. */
const NAME =
  /^\.(.+)\.credctl-([0-9a-f]{10})-(\d+)-(\d*)-[0-9a-f]{12}\.(?:(tmp|draft)|(new)(?:-wal|-shm|-journal)?)$/;

/** Names of earlier versions hold the process id alone: whether it is one of this namespace cannot be told. */
const EARLIER_OUTPUT = /^\.(.+)\.credctl-(\d+)-[0-9a-f]{12}\.(tmp)$/;
const EARLIER_DATABASE = /^\.(.+)\.(\d+)-[0-9a-f]{12}\.(?:(draft)|(new)(?:-wal|-shm|-journal)?)$/;

/** Names the process that leaves something behind if it is killed: its boot and PID namespace, its id and its start. */
export function processMark(): string {
  return `${spaceDigest()}-${process.pid}-${ownStart()}`;
}

/** Whether the process that a mark names has certainly ended; false for one of another machine or container. */
export function isDeadMark(mark: string): boolean {
  const [space, pid = '', started = ''] = mark.split('-');
  return space === spaceDigest() && /^[1-9]\d{0,9}$/.test(pid) && livenessOf(Number(pid), started) === 'gone';
}

/** A free name beside `target` for what this process writes; sweeps recognise it. */
export function temporaryPath(target: string, kind: TemporaryKind): string {
  const random = crypto().randomBytes(6).toString('hex');
  return join(dirname(target), `.${repeated(basename(target))}.credctl-${processMark()}-${random}.${kind}`);
}

/**
 * The temporary entries of a directory, without those of processes that are at work. A directory that cannot be listed
 * has none.
 */
export function leftoversIn(directory: string, now = Date.now()): readonly Leftover[] {
  return namesIn(directory).flatMap((name) => leftoverNamed(directory, name, now) ?? []);
}

/** What is left of writing to `target`: its stores and drafts, and outputs of any name beside it. */
export function isLeftoverOf({ of, kind }: Leftover, target: string): boolean {
  return kind === 'tmp' || of === repeated(basename(target));
}

/**
 * Removes what processes that were killed have left beside `target`: regular files and draft directories of this user,
 * without following links and without recursion. A failure leaves the entry where it is.
 */
export function sweepLeftovers(target: string, kinds: readonly TemporaryKind[]): void {
  for (const leftover of leftoversIn(dirname(target))) {
    if (!kinds.includes(leftover.kind) || !isLeftoverOf(leftover, target)) continue;
    // A store that got its name has another one until its maker has removed that.
    if (leftover.isDead || isSameFile(leftover.path, target)) remove(leftover);
  }
}

/**
 * How many of a file's names are temporary ones beside it, whether their writer lives or not: a store that was made by
 * a hard link keeps the name of its draft until its maker has removed it.
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

/** Removes a temporary file, and what SQLite has put beside it. */
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
 * Only what this user has made is touched: in a directory that others can write to, they can make any name. An output
 * that is about to replace a file may belong to the owner of the directory already.
 */
function isOurs(found: Stats, kind: TemporaryKind, directory: string): boolean {
  const isExpected = kind === 'draft' ? found.isDirectory() : found.isFile();
  const isOfUs = process.geteuid === undefined || found.uid === process.geteuid();
  return isExpected && (isOfUs || (kind === 'tmp' && found.uid === lookAt(directory)?.uid));
}

/** The writes into a draft do not show on its directory. */
function lastWrite(path: string, found: Stats): number {
  if (!found.isDirectory()) return found.mtimeMs;
  const within = DATABASE_SUFFIXES.map(
    (suffix) => lookAt(join(path, `${DRAFT_FILE}${suffix}`))?.mtimeMs ?? 0,
  );
  return Math.max(found.mtimeMs, ...within);
}

/** Whether two names are hard links to one file. */
export function isSameFile(path: string, target: string): boolean {
  try {
    const [left, named] = [lookAt(path), lookAt(target)];
    return left !== null && named !== null && left.ino === named.ino && left.dev === named.dev;
  } catch {
    return false;
  }
}

function remove({ path, kind }: Leftover): void {
  if (kind === 'draft') removeDraft(path);
  else quietly(() => unlinkSync(path));
}

/** 40 bits of SHA-256. Where Linux hides boot or namespace, no digest equals another one, of this process or any. */
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

/** The entries of a directory; none of one that cannot be listed. */
export function namesIn(directory: string): readonly string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}

function lookAt(path: string): Stats | null {
  return lstatSync(path, { throwIfNoEntry: false }) ?? null;
}
