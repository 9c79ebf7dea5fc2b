import {
  chmodSync,
  chownSync,
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { privateMount } from '../../support/faults/private-mount.js';
import { type Command, failuresOf, inWorkplace } from '../../support/program/every-command.js';
import { PROGRAM, PROJECT, runIn } from '../../support/program/real-program.js';
import { unprivileged } from '../../support/program/unprivileged.js';
import { makeWorkplace, type Workplace } from '../../support/program/workplace.js';

/** Another user's uid. */
const OTHER = 65_534;

const CHECKOUT = { directory: PROJECT, program: PROGRAM };

const COMMANDS = [
  { argv: ['--help'] },
  { argv: ['create', 'bot', '--type', 'api-key', '--scope', 'data:users', '--output', 'bot.key', '--force'] },
  { argv: ['list'] },
  { argv: ['show', 'bot'] },
  { argv: ['delete', 'bot', '--yes'] },
];

const run = (
  place: Workplace,
  cache = join(place.root, 'cache'),
  commands: readonly Command[] = [...COMMANDS, { argv: ['list'] }],
): Promise<readonly string[]> =>
  failuresOf(
    process.execPath,
    CHECKOUT,
    { ...place, env: { ...place.env, XDG_CACHE_HOME: cache } },
    commands,
  );

/** Where no start may use the directory it is the same for each command, and each compiles all that it needs. */
const runUncached = (place: Workplace): Promise<readonly string[]> =>
  run(place, undefined, COMMANDS.slice(0, 2));

/** Where all that {@link run} needs has been compiled. */
let compiled: Workplace;

beforeAll(async () => {
  compiled = makeWorkplace();
  expect(await run(compiled)).toEqual([]);
});

afterAll(() => compiled.remove());

/** Works in a workplace of its own in which all has been compiled. */
function withCompiled(work: (place: Workplace, cache: string) => Promise<void>): Promise<void> {
  return inWorkplace(async (place) => {
    const cache = join(place.root, 'cache');
    cpSync(join(compiled.root, 'cache'), cache, { recursive: true });
    // Node.js 22 copies directories without their modes, and with another mode it is not used.
    chmodSync(join(cache, 'credctl'), 0o700);
    await work(place, cache);
  });
}

/** The files with compiled code below a directory. */
function codeIn(directory: string): readonly string[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name));
}

describe('compiled code', () => {
  it('is kept by the first start, for this user alone and this release alone, and serves the next', async () => {
    await inWorkplace(async (place) => {
      expect(await run(place)).toEqual([]);
      const directory = join(place.root, 'cache', 'credctl');
      expect(statSync(directory).mode & 0o777).toBe(0o700);
      expect(readdirSync(directory)).toEqual([expect.stringContaining(process.version)]);
      const kept = codeIn(directory).map((file) => [file, statSync(file).mtimeMs]);
      expect(kept.length).toBeGreaterThan(10);
      expect(await run(place)).toEqual([]);
      expect(codeIn(directory).map((file) => [file, statSync(file).mtimeMs])).toEqual(kept);
    });
  });

  it.each([0, 12, 1_000, 20_000])('that was cut off after %i bytes does not matter', async (length) => {
    await withCompiled(async (place, cache) => {
      for (const file of codeIn(cache)) truncateSync(file, length);
      expect(await run(place)).toEqual([]);
    });
  });

  it.each([
    ['the middle', 0.5, 0.75],
    ['the end', 0.9, 1],
    ['all', 0, 1],
  ])('of which %s has been lost to zeros does not matter', async (_, from, to) => {
    await withCompiled(async (place, cache) => {
      for (const file of codeIn(cache)) {
        const code = readFileSync(file);
        writeFileSync(file, code.fill(0, Math.floor(code.length * from), Math.ceil(code.length * to)));
      }
      expect(await run(place)).toEqual([]);
    });
  });

  it('of another file, under the name of each, does not matter', async () => {
    await withCompiled(async (place, cache) => {
      const files = codeIn(cache);
      const other = readFileSync(files[0] ?? '');
      for (const file of files.slice(1)) writeFileSync(file, other);
      expect(await run(place)).toEqual([]);
    });
  });

  it('that this user may not read does not matter', async () => {
    await withCompiled(async (place, cache) => {
      for (const file of codeIn(cache)) chmodSync(file, 0);
      const command = unprivileged([process.execPath, PROGRAM, '--help']);
      const ended = await runIn(place, command, { env: { XDG_CACHE_HOME: cache } });
      expect([ended.exitCode, ended.stderr]).toEqual([0, '']);
    });
  });

  it.each([
    ['others can write to', (at: string) => chmodSync(at, 0o777)],
    ['others can enter, as Node.js makes directories with more in it', (at: string) => chmodSync(at, 0o755)],
    ['the group can write to', (at: string) => chmodSync(at, 0o770)],
    ['belongs to another user', (at: string) => chownSync(at, OTHER, OTHER)],
    ['others can write to, though only above', (at: string) => chmodSync(join(at, '..'), 0o777)],
    ['another user could replace', (at: string) => chownSync(join(at, '..'), OTHER, OTHER)],
  ])('is neither taken from nor put into a directory that %s', async (_, spoil) => {
    await inWorkplace(async (place) => {
      const directory = join(place.root, 'cache', 'credctl');
      mkdirSync(directory, { recursive: true, mode: 0o700 });
      spoil(directory);
      expect(await runUncached(place)).toEqual([]);
      expect(readdirSync(directory)).toEqual([]);
    });
  });

  it('is not put where a link of another user leads', async () => {
    await inWorkplace(async (place) => {
      const [cache, target] = [join(place.root, 'cache'), join(place.root, 'theirs')];
      for (const path of [cache, target]) mkdirSync(path, { mode: 0o700 });
      chownSync(target, OTHER, OTHER);
      symlinkSync(target, join(cache, 'credctl'));
      expect(await runUncached(place)).toEqual([]);
      expect(readdirSync(target)).toEqual([]);
    });
  });

  it("is not put into another user's home, which gets no directory of ours", async () => {
    await inWorkplace(async (place) => {
      const home = join(place.root, 'home');
      chownSync(home, OTHER, OTHER);
      const { XDG_CACHE_HOME, ...env } = place.env;
      const ended = await runIn({ ...place, env }, [process.execPath, PROGRAM, '--help']);
      expect([ended.exitCode, readdirSync(home)]).toEqual([0, []]);
    });
  });

  it('that cannot be kept does not matter: no directory, one that is read-only, a full disk', async () => {
    const mount = await privateMount(256);
    try {
      await inWorkplace(async (place) => {
        for (const cache of ['/proc/nowhere', '/dev/null', 'relative', mount.view]) {
          expect(await run(place, cache), cache).toEqual([]);
        }
      });
    } finally {
      mount.remove();
    }
  });
});
