import { posix } from 'node:path';
import { describe, expect, it } from 'vitest';
import { importsIn } from './support/build/imports.js';
import { type Source, sourcesIn } from './support/build/sources.js';

/** A room holds about a dozen files. */
const MOST_FILES = 20;

/**
 * What a room of storage, or a file of its own kind, may import besides itself: from the tables up to the engines,
 * which do not know each other, to the errands, which know engines but not each other, and to the tables of what an
 * engine does, which alone know everything of theirs.
 */
const STORAGE: Readonly<Record<string, readonly string[]>> = {
  'engine.ts': [],
  'placed.ts': [],
  'empty-store.ts': [],
  schema: ['engine.ts'],
  sql: ['schema'],
  check: ['schema', 'sql'],
  sqlite: ['schema', 'sql', 'check', 'engine.ts', 'placed.ts', 'empty-store.ts'],
  postgres: ['schema', 'sql', 'check', 'engine.ts', 'placed.ts', 'empty-store.ts'],
  backup: ['schema', 'sql', 'check', 'sqlite'],
  copy: ['schema', 'sql', 'sqlite', 'postgres'],
  serving: ['schema', 'sql'],
  'serving/sqlite': ['schema', 'sql', 'serving', 'sqlite'],
  'serving/postgres': ['schema', 'sql', 'serving', 'postgres'],
  'sqlite/engine.ts': ['engine.ts', 'sqlite', 'backup', 'copy', 'serving/sqlite'],
  'postgres/engine.ts': ['engine.ts', 'postgres', 'copy', 'serving/postgres'],
  'open.ts': ['engine.ts', 'sqlite/engine.ts', 'postgres/engine.ts'],
  'maintenance.ts': ['open.ts'],
};

/** What leads into storage from other parts; a verifier opens a file before it returns, so not through the table. */
const DOORS = ['engine.ts', 'open.ts', 'maintenance.ts'];
const DOOR_OF_VERIFIER = ['src/library/verifier.ts', 'serving/sqlite/store.ts'];

/** The composition root, and what begins a program with it. */
const ROOT = 'src/cli/host/system-host.ts';
const BEGINNINGS = ['src/cli/entry.ts', 'src/cli/reference/generate.ts'];

/** What the commands know of the host: its interface, and the places that flags name. */
const HOST = ['src/cli/host/host.ts', 'src/cli/host/places.ts'];

describe('the rooms', async () => {
  const sources = await sourcesIn('src');
  const others = (await Promise.all(['test', 'scripts'].map(sourcesIn))).flat();

  it(`hold ${MOST_FILES} files at the very most`, () => {
    expect(fullRooms([...sources, ...others], MOST_FILES)).toEqual([]);
    expect(fullRooms(sources, 3).length).toBeGreaterThan(10);
  });

  it('import in no circle, type imports included', () => {
    expect(circles(sources)).toEqual([]);
    expect(
      circles([
        { path: 'src/a/one.ts', text: "import { two } from './two.js';" },
        { path: 'src/a/two.ts', text: "import type { three } from '../b/three.js';" },
        { path: 'src/b/three.ts', text: "const { one } = await import('../a/one.js');" },
        { path: 'src/b/four.ts', text: "import { three } from './three.js';" },
      ]),
    ).toEqual(['src/a/one.ts → src/a/two.ts → src/b/three.ts → src/a/one.ts']);
  });

  it('of storage stand in one order, with every room in it', () => {
    const found = new Set(sources.flatMap(({ path }) => (isStorage(path) ? [roomOf(path)] : [])));
    expect([...found].sort()).toEqual(Object.keys(STORAGE).sort());
    for (const [at, [room, below]] of Object.entries(STORAGE).entries()) {
      const order = Object.keys(STORAGE).slice(0, at);
      expect([room, below.filter((each) => !order.includes(each))]).toEqual([room, []]);
    }
  });

  it('of storage and of the command line import downwards alone', () => {
    expect(sources.flatMap((source) => [...upwards(source), ...pastTheHost(source)])).toEqual([]);
  });

  it.each([
    ['storage/sql/rows.ts', '../copy/source.js'],
    ['storage/sql/credentials.ts', '../sqlite/text-index.js'],
    ['storage/sql/trail/told.ts', '../../check/finding.js'],
    ['storage/schema/older-schema.ts', '../sqlite/file/access.js'],
    ['storage/schema/migrations/004-bounds.ts', '../../postgres/functions/leftovers.js'],
    ['storage/schema/seed.ts', '../sql/rows.js'],
    ['storage/check/lists.ts', '../sqlite/file/access.js'],
    ['storage/sqlite/store.ts', '../postgres/store.js'],
    ['storage/postgres/store.ts', '../sqlite/fault.js'],
    ['storage/sqlite/file/place.ts', '../../maintenance.js'],
    ['storage/sqlite/open.ts', '../open.js'],
    ['storage/sqlite/open.ts', './engine.js'],
    ['storage/sqlite/open.ts', '../backup/store-files.js'],
    ['storage/sqlite/file/engine.ts', '../../copy/source.js'],
    ['storage/backup/draft.ts', '../copy/source.js'],
    ['storage/backup/draft.ts', '../postgres/store.js'],
    ['storage/serving/queries.ts', '../sqlite/store.js'],
    ['storage/serving/sqlite/store.ts', '../postgres/store.js'],
    ['storage/serving/sqlite/store.ts', '../../postgres/store.js'],
    ['storage/empty-store.ts', './open.js'],
    ['storage/elsewhere/new.ts', '../sql/rows.js'],
    ['cli/host/system-host.ts', '../../storage/sqlite/store.js'],
    ['library/open-store.ts', '../storage/serving/sqlite/store.js'],
    ['cli/render/style.ts', '../host/system-host.js'],
    ['cli/host/output.ts', './system-host.js'],
    ['cli/commands/list.ts', '../host/output.js'],
  ])('would not let src/%s import %s', (path, name) => {
    const source = { path: `src/${path}`, text: `import type { it } from '${name}';` };
    expect([...upwards(source), ...pastTheHost(source)]).toHaveLength(1);
  });
});

function fullRooms(sources: readonly Source[], most: number): readonly string[] {
  const rooms = new Map<string, number>();
  for (const { path } of sources) rooms.set(posix.dirname(path), (rooms.get(posix.dirname(path)) ?? 0) + 1);
  return [...rooms].filter(([, files]) => files > most).map(([room, files]) => `${room}: ${files}`);
}

/** Imports of a room of storage that stands above, or beside. */
function upwards(source: Source): readonly string[] {
  return targetsOf(source)
    .filter(
      (target) => isStorage(target) && !(isStorage(source.path) ? isBelow : isDoor)(source.path, target),
    )
    .map((target) => `${source.path} → ${target}`);
}

function isBelow(path: string, target: string): boolean {
  const [room, other] = [roomOf(path), roomOf(target)];
  return STORAGE[room] !== undefined && (room === other || STORAGE[room].includes(other));
}

function isDoor(path: string, target: string): boolean {
  const inside = target.slice('src/storage/'.length);
  return DOORS.includes(inside) || (DOOR_OF_VERIFIER[0] === path && DOOR_OF_VERIFIER[1] === inside);
}

function isStorage(path: string): boolean {
  return path.startsWith('src/storage/');
}

/** The innermost room of the table that a file of storage is in, or the file itself. */
function roomOf(path: string): string {
  let room = path.slice('src/storage/'.length);
  while (STORAGE[room] === undefined && room.includes('/')) room = posix.dirname(room);
  return room;
}

/** Imports of the composition root from within a program, or of its parts from outside of it. */
function pastTheHost(source: Source): readonly string[] {
  const isInside = source.path.startsWith('src/cli/host/');
  return targetsOf(source)
    .filter((target) => target.startsWith('src/cli/host/') && !HOST.includes(target))
    .filter((target) => (target === ROOT ? !BEGINNINGS.includes(source.path) : !isInside))
    .map((target) => `${source.path} → ${target}`);
}

function targetsOf(source: Source): readonly string[] {
  return importsIn(source)
    .filter((name) => name.startsWith('.'))
    .map((name) => posix.join(posix.dirname(source.path), name).replace(/\.js$/, '.ts'));
}

/** Each circle once, as the path that leads around it. */
function circles(sources: readonly Source[]): readonly string[] {
  const graph = new Map(sources.map((source) => [source.path, targetsOf(source)]));
  const found: string[] = [];
  const done = new Set<string>();
  const visit = (file: string, path: readonly string[]): void => {
    const begin = path.indexOf(file);
    if (begin !== -1) found.push([...path.slice(begin), file].join(' → '));
    if (begin !== -1 || done.has(file)) return;
    for (const target of graph.get(file) ?? []) visit(target, [...path, file]);
    done.add(file);
  };
  for (const file of graph.keys()) visit(file, []);
  return found;
}
