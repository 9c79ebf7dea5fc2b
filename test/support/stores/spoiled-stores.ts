import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  closeSync,
  linkSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import Database from 'better-sqlite3';
import type { Workplace } from '../program/workplace.js';

/** What is wrong with a store, and how every command must end because of it. */
export interface SpoiledStore {
  readonly name: string;
  readonly exitCode: 4 | 8 | 9;
  /** Spoils a sound store. */
  readonly spoil: (place: Workplace) => void;
  /** Whether the hint is a command that puts it right. */
  readonly hintRepairs?: true;
}

const NOBODY = 65_534;

/** Files that another program or a newer release has written, or that are no store. */
const FOREIGN: readonly SpoiledStore[] = [
  { name: 'an empty file', exitCode: 8, spoil: ({ store }) => truncateSync(store) },
  { name: 'a text', exitCode: 8, spoil: ({ store }) => writeFileSync(store, 'dear diary\n'.repeat(900)) },
  { name: 'random bytes', exitCode: 8, spoil: ({ store }) => writeFileSync(store, randomBytes(200_000)) },
  { name: "another program's database", exitCode: 8, spoil: (place) => otherDatabase(place, 0) },
  {
    name: "another program's database with a mark of its own",
    exitCode: 8,
    spoil: (place) => otherDatabase(place, 0x47504b47),
  },
  {
    name: 'a store of a newer program',
    exitCode: 8,
    spoil: ({ store }) => inDatabase(store, (database) => database.pragma('user_version = 99')),
  },
  {
    name: 'a store of a schema that no release has made',
    exitCode: 8,
    spoil: ({ store }) => inDatabase(store, (database) => database.pragma('user_version = 1')),
  },
  {
    name: 'a directory',
    exitCode: 8,
    spoil({ store }) {
      rmSync(store);
      mkdirSync(store, { mode: 0o700 });
    },
  },
  {
    name: 'a pipe',
    exitCode: 8,
    spoil({ store }) {
      rmSync(store);
      execFileSync('mkfifo', ['-m', '600', store]);
    },
  },
  {
    name: 'a symbolic link to a store',
    exitCode: 8,
    spoil({ store }) {
      renameSync(store, `${store}.real`);
      symlinkSync(`${store}.real`, store);
    },
  },
  { name: 'a store with a hard link', exitCode: 8, spoil: ({ store }) => linkSync(store, `${store}.other`) },
  {
    name: 'a symbolic link to nothing',
    exitCode: 8,
    spoil({ store }) {
      rmSync(store);
      symlinkSync(`${store}.missing`, store);
    },
  },
];

/** Stores that others could read or replace. */
const LOOSE: readonly SpoiledStore[] = [
  ...[0o644, 0o640, 0o660, 0o604, 0o602].map((mode) => loose('a file', mode, ({ store }) => store)),
  ...[0o770, 0o702, 0o1720 & 0o777].map((mode) =>
    loose('a directory', mode, ({ storeDirectory }) => storeDirectory),
  ),
  ...['-wal', '-shm', '-journal'].flatMap((suffix): readonly SpoiledStore[] => [
    {
      name: `a symbolic link as ${suffix}`,
      exitCode: 4,
      spoil(place) {
        writeFileSync(place.output('victim'), 'must stay as it is', { mode: 0o600 });
        symlinkSync(place.output('victim'), `${place.store}${suffix}`);
      },
    },
    {
      name: `a ${suffix} that others can read`,
      exitCode: 4,
      spoil({ store }) {
        writeFileSync(`${store}${suffix}`, '');
        chmodSync(`${store}${suffix}`, 0o644);
      },
      hintRepairs: true,
    },
  ]),
];

/** Stores that belong to another user. */
const STRANGERS: readonly SpoiledStore[] = [
  {
    name: 'a file of another user',
    exitCode: 4,
    spoil: ({ store }) => chownSync(store, NOBODY, NOBODY),
    hintRepairs: true,
  },
  {
    name: 'a directory of another user',
    exitCode: 4,
    spoil: ({ storeDirectory }) => chownSync(storeDirectory, NOBODY, NOBODY),
  },
];

/** Stores that are broken in a place that every command looks at. */
const BROKEN: readonly SpoiledStore[] = [
  { name: 'a header of random bytes', exitCode: 9, spoil: ({ store }) => overwrite(store, 0, 100) },
  { name: 'a header without its first words', exitCode: 9, spoil: ({ store }) => overwrite(store, 0, 16) },
  { name: 'a header without our mark', exitCode: 9, spoil: ({ store }) => overwrite(store, 68, 4) },
  { name: 'a first page of random bytes', exitCode: 9, spoil: ({ store }) => overwrite(store, 0, 4_096) },
  { name: 'a file cut to half', exitCode: 9, spoil: ({ store }) => truncateSync(store, 106_496) },
  { name: 'a file cut to a page', exitCode: 9, spoil: ({ store }) => truncateSync(store, 4_096) },
  { name: 'a file cut within a page', exitCode: 9, spoil: ({ store }) => truncateSync(store, 1_000) },
  {
    name: 'a store without a schema number',
    exitCode: 9,
    spoil: ({ store }) => inDatabase(store, (database) => database.pragma('user_version = 0')),
  },
];

/** Every way to spoil a store that each command must notice. Only root can change the owner of a file. */
export const SPOILED_STORES: readonly SpoiledStore[] = [
  ...FOREIGN,
  ...LOOSE,
  ...BROKEN,
  ...(process.geteuid?.() === 0 ? STRANGERS : toldImpossible(STRANGERS)),
];

function toldImpossible(stores: readonly SpoiledStore[]): readonly SpoiledStore[] {
  const names = stores.map(({ name }) => name).join(', ');
  process.stderr.write(`not tried, since it takes root to give a file away: ${names}\n`);
  return [];
}

/** Overwrites a part of a file with random bytes. */
export function overwrite(file: string, position: number, length: number): void {
  const descriptor = openSync(file, 'r+');
  writeSync(descriptor, randomBytes(length), 0, length, position);
  closeSync(descriptor);
}

function loose(what: string, mode: number, path: (place: Workplace) => string): SpoiledStore {
  return {
    name: `${what} with mode ${mode.toString(8)}`,
    exitCode: 4,
    spoil: (place) => chmodSync(path(place), mode),
    hintRepairs: true,
  };
}

function otherDatabase({ store }: Workplace, mark: number): void {
  rmSync(store);
  writeFileSync(store, '', { mode: 0o600 });
  inDatabase(store, (database) => {
    database.pragma(`application_id = ${mark}`);
    database.exec("create table diary (day text, entry text); insert into diary values ('today', 'nothing')");
  });
}

function inDatabase(file: string, change: (database: Database.Database) => unknown): void {
  const database = new Database(file);
  try {
    change(database);
  } finally {
    database.close();
  }
}
