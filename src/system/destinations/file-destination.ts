import { type Stats, statSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { CredctlError } from '../../domain/errors.js';
import type { AbandonedVersion, Delivery, Destination } from '../../domain/ports/ports.js';
import { quote } from '../../domain/text/quote.js';
import { heldByAttributes } from '../../files/attributes.js';
import { type HeldDirectory, holdDirectoryOf } from '../../files/held-directory.js';
import { type FileIdentity, hasIdentity, lookAt } from '../../files/identity.js';
import { isMountPoint } from '../../files/mounts.js';
import type { Rights } from '../../files/private-file.js';
import { successionTo } from '../../files/succession.js';
import { hasAccessList } from './access-list.js';
import { belongsToDatabase } from './database-file.js';
import { existsAlready, fileFault, refusedSuccession, unchangeable } from './file-fault.js';
import {
  createFile,
  type Look,
  lookInto,
  proveWritable,
  removeIfSame,
  replaceFile,
  sweepSiblings,
} from './output-file.js';

/** Bytes read of a file to find the handle of the secret in it, in any format. */
const LOOK_BYTES = 65_536;

/** Maximum size in bytes of a file that is restored when its replacement is undone. */
const RESTORED_BYTES = 16 * 1_048_576;

/**
 * What exists at the path: nothing; the remains of a delivery whose secret lapses; those of one whose secret a
 * reader may depend on; or something else, which requires `force`.
 */
type Situation = 'free' | 'left-over' | 'abandoned' | 'occupied';

/**
 * Without the group bits: in a file with an access control list they are the list's mask, not the group's
 * permissions (acl(5)).
 */
const WITHOUT_GROUP = 0o7707;

/** Options of {@link fileDestination}. */
export interface FileDestinationOptions {
  /** Absolute path. */
  readonly path: string;
  /** Whether an existing file may be replaced. */
  readonly force: boolean;
  readonly render: (delivery: Delivery) => string;
  /** Called with notes for the file's readers, once the delivery is confirmed. */
  readonly tell?: (text: string) => void;
}

/**
 * A file as a destination: created exclusively with mode 0600, or, with `force`, replaced atomically by one
 * with the same owner, group and mode; synced before it is confirmed.
 */
export function fileDestination({
  path,
  force,
  render,
  tell = () => {},
}: FileDestinationOptions): Destination {
  let situation: Situation = 'free';
  let directory: HeldDirectory | null = null;
  let created: FileIdentity | null = null;
  let previous: Look | null = null;
  let placed: FileIdentity | null = null;
  let hadList = false;
  return {
    kind: 'file',

    get replaces() {
      return situation === 'occupied' || situation === 'abandoned';
    },

    async preflight({ abandoned }) {
      try {
        requireDirectory(path);
        directory?.release();
        directory = holdDirectoryOf(path);
        refuseDatabase(path);
        sweepSiblings(path);
        const found = lookAt(path);
        situation = situationAt(path, found, abandoned);
        if (situation === 'occupied' && !force) throw existsAlready(path);
        const held = heldByAttributes(path, found);
        if (held !== null) throw unchangeable(held);
        proveWritable(path);
        hadList = found !== null && process.geteuid !== undefined && (await hasAccessList(path));
        const rights = found === null ? null : rightsAfter(path, found, hadList);
        if (rights !== null) proveWritable(path, rights);
      } catch (fault) {
        throw fileFault(path, fault, 'nothing was changed');
      }
    },

    async deliver(delivery) {
      const bytes = Buffer.from(render(delivery));
      try {
        const place = placeIn(directory);
        if (situation !== 'free') {
          const look = lookInto(place, RESTORED_BYTES);
          const rights = rightsAfter(path, look.stats, hadList, dirname(place));
          previous = look;
          return replaceFile(place, bytes, rights, (made) => {
            placed = made;
          });
        }
        created = createFile(place, bytes);
      } catch (fault) {
        throw fileFault(path, fault, 'the new secret was revoked; nothing else was changed');
      }
    },

    async undo() {
      const place = placeIn(directory);
      try {
        if (created !== null) removeIfSame(place, created);
        // Restores the former content, which holds the secret that still works. A file replaced by another
        // process is left alone.
        if (previous === null || placed === null || !hasIdentity(place, placed)) return;
        const { uid, gid, mode } = previous.stats;
        replaceFile(place, previous.start, { uid, gid, mode: mode & (hadList ? WITHOUT_GROUP : 0o7777) });
        if (hadList) tell(listLost(path));
      } finally {
        directory?.release();
      }
    },

    async settle() {
      directory?.release();
      for (const text of previous === null ? [] : remarksOn(path, previous.stats, hadList)) tell(text);
      if (isForEverybody(dirname(path))) tell(`any user can replace files in ${quote(dirname(path))}`);
    },
  };

  /** The path through the open directory descriptor, unaffected by renames of the directory. */
  function placeIn(held: HeldDirectory | null): string {
    return held?.at(basename(path)) ?? path;
  }
}

function requireDirectory(path: string): void {
  const directory = dirname(path);
  if (statSync(directory).isDirectory()) return;
  throw new CredctlError('undelivered', `${quote(directory)} is not a directory`, {
    hint: 'name a file in a directory that exists',
  });
}

/** Refuses to replace a database, such as the store itself. */
function refuseDatabase(path: string): void {
  if (!belongsToDatabase(path)) return;
  throw new CredctlError('undelivered', `${quote(path)} is a file of a database`, {
    hint: 'nothing was changed; name another file: credctl never replaces a database',
  });
}

function situationAt(path: string, found: Stats | null, abandoned: readonly AbandonedVersion[]): Situation {
  if (found === null) return 'free';
  if (found.isSymbolicLink()) {
    throw new CredctlError('undelivered', `${quote(path)} is a symbolic link`, {
      hint: 'credctl never writes a secret through a link; name the file itself',
    });
  }
  if (!found.isFile()) {
    throw new CredctlError('undelivered', `${quote(path)} is not a regular file`, {
      hint: 'name a file; to write to a pipe, redirect standard output',
    });
  }
  // rename(2) over a mount point fails with EBUSY.
  if (isMountPoint(path)) {
    throw new CredctlError('undelivered', `${quote(path)} is a mount point`, {
      hint: `nothing was changed; mount the directory (${quote(dirname(path))}) instead of the file`,
    });
  }
  if (abandoned.length === 0) return 'occupied';
  const start = lookInto(path, LOOK_BYTES).start.toString('latin1');
  const left = abandoned.filter(({ handle }) => start.includes(handle));
  if (start === '' || (left.length > 0 && left.every(({ lapses }) => lapses))) return 'left-over';
  return left.length > 0 ? 'abandoned' : 'occupied';
}

/** Owner, group and mode of the replacement; null for the defaults of a new file. */
function rightsAfter(path: string, found: Stats, hadList: boolean, directory = dirname(path)): Rights | null {
  const self = process.geteuid?.();
  if (self === undefined) return null;
  const { rights, refusal } = successionTo(found, statSync(directory), self);
  if (refusal !== null) throw refusedSuccession(path, found, refusal);
  return rights !== null && hadList ? { ...rights, mode: rights.mode & WITHOUT_GROUP } : rights;
}

/** Notes on access that the replacement removes. */
function remarksOn(path: string, { mode, nlink }: Stats, hadList: boolean): readonly string[] {
  if (process.geteuid === undefined) return [];
  return [
    ...((mode & 0o004) === 0
      ? []
      : [`${quote(path)} was readable by every user; now only its owner and group can read it`]),
    ...(hadList ? [listLost(path)] : []),
    ...(nlink > 1
      ? [
          `${quote(path)} had another name (a hard link); the file under that name still has the earlier secret`,
        ]
      : []),
  ];
}

/**
 * Whether the directory is world-writable without the sticky bit, so that other users can rename its entries
 * (unlink(2), EPERM).
 */
function isForEverybody(directory: string): boolean {
  return process.geteuid !== undefined && (statSync(directory).mode & 0o1002) === 0o002;
}

function listLost(path: string): string {
  return `${quote(path)} had an access control list, which was not kept; now only its owner can read it`;
}
