import { posix } from 'node:path';
import { describe, expect, it } from 'vitest';
import { importsIn, type Source, sourcesIn } from './support/build/sources.js';

/** A room holds about a dozen files. */
const MOST_FILES = 20;

/** Rooms of storage for errands, above those of what a store is: these know nothing of them. */
const ERRANDS = ['backup', 'copy', 'serving'];
const FOUNDATIONS = ['sql', 'schema', 'check', 'trail', 'sqlite', 'postgres'];

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

  it('of storage have no arrow that runs up, but those of the tables of what an engine does', () => {
    expect(sources.flatMap(upwards)).toEqual([]);
    expect(
      upwards({ path: 'src/storage/sql/rows.ts', text: "import { tables } from '../copy/tables.js';" }),
    ).toHaveLength(1);
  });
});

function fullRooms(sources: readonly Source[], most: number): readonly string[] {
  const rooms = new Map<string, number>();
  for (const { path } of sources) rooms.set(posix.dirname(path), (rooms.get(posix.dirname(path)) ?? 0) + 1);
  return [...rooms].filter(([, files]) => files > most).map(([room, files]) => `${room}: ${files}`);
}

function upwards({ path, text }: Source): readonly string[] {
  const [, room = ''] = /^src\/storage\/(\w+)\//.exec(path) ?? [];
  if (!FOUNDATIONS.includes(room) || path.endsWith('/engine.ts')) return [];
  return targetsOf({ path, text })
    .filter((target) => ERRANDS.some((errand) => target.startsWith(`src/storage/${errand}/`)))
    .map((target) => `${path} → ${target}`);
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
