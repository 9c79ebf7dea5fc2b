import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  lchownSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { type Ended, PROGRAM, runIn } from '../program/real-program.js';
import { MEMORY, type Workplace } from '../program/workplace.js';

/** A user who plants, one who uses the program, and one whose file is to be harmed. */
export const [EVE, USER, THIRD] = [65_534, 12_345, 12_346];

/** What eve can make under a name, for it to be taken for something else. */
export const PLANTED = ['symbolic link', 'directory', 'FIFO', 'hard link'] as const;
export type Planted = (typeof PLANTED)[number];

/** What is not to be read, written, given away or removed. */
export interface Victims {
  readonly file: string;
  readonly directory: string;
  /** Everything there is to know of them. */
  state(): unknown;
}

/** A file and a directory for their owner alone. */
export function makeVictims(root: string, owner: number): Victims {
  const [file, directory] = [join(root, 'victim'), join(root, 'victims')];
  writeFileSync(file, 'must stay as it is', { mode: 0o600 });
  mkdirSync(directory, { mode: 0o700 });
  const within = ['draft.db', 'lock.db', 'zz'].map((name) => join(directory, name));
  for (const path of within) writeFileSync(path, 'must stay as well', { mode: 0o600 });
  for (const path of [file, directory, ...within]) chownSync(path, owner, owner);
  return {
    file,
    directory,
    state: () =>
      [file, directory, ...within].map((path) => {
        const { uid, gid, mode, nlink } = lstatSync(path);
        const content = path === directory ? readdirSync(path) : readFileSync(path, 'utf8');
        return { path, uid, gid, mode, content, links: path === file ? 'any' : nlink };
      }),
  };
}

/** Puts something of eve's at a path. */
export function plant(kind: Planted, path: string, victims: Victims): void {
  switch (kind) {
    case 'symbolic link':
      symlinkSync(path.includes('.draft') ? victims.directory : victims.file, path);
      lchownSync(path, EVE, EVE);
      return;
    case 'directory':
      mkdirSync(path, { mode: 0o777 });
      symlinkSync(victims.file, join(path, 'draft.db'));
      symlinkSync(victims.directory, join(path, 'deep'));
      chownSync(path, EVE, EVE);
      return;
    case 'FIFO':
      execFileSync('mkfifo', ['-m', '666', path]);
      chownSync(path, EVE, EVE);
      return;
    case 'hard link':
      linkSync(victims.file, path);
  }
}

/** A directory for everybody, as /tmp is. */
export function sharedDirectory(path: string): string {
  mkdirSync(path);
  chmodSync(path, 0o1777);
  return path;
}

/** Runs the program as a user, with a home of that user. */
export function credctlAs(uid: number, place: Workplace, argv: readonly string[]): Promise<Ended> {
  const run = [process.execPath, PROGRAM, ...argv];
  const as = ['setpriv', `--reuid=${uid}`, `--regid=${uid}`, '--clear-groups'];
  return runIn(place, uid === 0 ? run : [...as, ...run], {
    env: uid === 0 ? {} : { XDG_CACHE_HOME: compiledFor(uid) },
  });
}

const caches = new Map<number, string>();

/** A $XDG_CACHE_HOME of a user's own, for all that this process tests: compiling the program takes longer than a command. */
function compiledFor(uid: number): string {
  const known = caches.get(uid);
  if (known !== undefined) return known;
  const made = mkdtempSync(join(MEMORY, 'credctl-compiled-'));
  chownSync(made, uid, uid);
  process.once('exit', () => rmSync(made, { recursive: true, force: true }));
  caches.set(uid, made);
  return made;
}
