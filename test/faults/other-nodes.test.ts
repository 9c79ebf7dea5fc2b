import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  builtWith,
  contentOf,
  type Installation,
  installedFor,
  packedFrom,
  rebuiltFor,
  unitTestFailures,
} from '../support/build/built-with.js';
import { type NodeRelease, nodeReleases } from '../support/build/node-releases.js';
import { concurrently } from '../support/faults/concurrently.js';
import { faultNumber, isWholeRun } from '../support/faults/fault-numbers.js';
import {
  failuresOf,
  inWorkplace,
  libraryFailures,
  OTHER_COMMANDS,
  serverFailures,
  told,
  USUAL_COMMANDS,
} from '../support/program/every-command.js';
import { runIn } from '../support/program/real-program.js';

/** The oldest that is supported, one of each line of 20 since, and the newest of what is supported besides. */
const ALL = ['20.19.0', '20.19.6', '20.20.2', '22.12.0', '22.23.5', '24.22.3'];

/** The gate has the time for one of each line; the others are for before a release. */
const OF_EACH_LINE = ['20.19.0', '22.23.5', '24.22.3'];

/** A tenth has the time for those between which most has changed. */
const FIRST_AND_LAST = ['20.19.0', '24.22.3'];

const VERSIONS =
  [ALL, OF_EACH_LINE, FIRST_AND_LAST].find(
    ({ length }) => length <= faultNumber(ALL.length, OF_EACH_LINE.length),
  ) ?? FIRST_AND_LAST;

/** Whether the release has an SQLite of its own that takes the place of better-sqlite3. */
const hasSqlite = (version: string): boolean => !version.startsWith('20.') && version !== '22.12.0';

/** The runtimes are half a gigabyte, and npm installs them first; they are kept for the next time. */
const SET_UP_MS = 1_200_000;

const root = mkdtempSync(join(tmpdir(), 'credctl-nodes-'));
let releases: readonly NodeRelease[] = [];
let remarks: readonly string[] = [];
let archive = '';

const checkoutOf = (version: string): string => join(root, 'built', version);

function release(version: string): NodeRelease {
  const found = releases.find((each) => each.version === version);
  if (found === undefined) throw new Error(`Node.js ${version} is not there`);
  return found;
}

/** What fails of all commands, the server and the library, when a release of Node.js runs an installation. */
function failuresWith(version: string, installation: Installation): Promise<readonly string[]> {
  const { node } = release(version);
  return inWorkplace(async (place) => [
    ...(await failuresOf(node, installation, place, USUAL_COMMANDS)),
    ...(await serverFailures(node, installation, place)),
    ...(await libraryFailures(node, installation, place, 'bot.key')),
    ...(await failuresOf(node, installation, place, OTHER_COMMANDS)),
  ]);
}

beforeAll(async () => {
  releases = await nodeReleases(VERSIONS);
  remarks = await concurrently(releases, (each) => builtWith(each, checkoutOf(each.version)), 2);
  archive = await packedFrom(checkoutOf('20.19.0'), join(root, 'packed'));
}, SET_UP_MS);

afterAll(() => rmSync(root, { recursive: true, force: true }));

describe('dist/', () => {
  it('is built by every release, without a remark', () => {
    expect(remarks).toEqual(VERSIONS.map(() => ''));
  });

  it('is published as the same files, whichever release built it', async () => {
    const [first, ...others] = await Promise.all(VERSIONS.map((version) => contentOf(checkoutOf(version))));
    for (const other of others) expect(other).toBe(first);
  });

  it.each(VERSIONS)('built with %s, runs with every other release', async (builder) => {
    const installations = new Map<string, Installation>();
    for (const each of releases.filter(
      ({ abi }, index) => releases.findIndex((of) => of.abi === abi) === index,
    )) {
      const directory = join(root, 'rebuilt', builder, each.abi);
      installations.set(each.abi, await rebuiltFor(each, checkoutOf(builder), directory));
    }
    const failures = await concurrently(
      releases,
      ({ version, abi, node }) =>
        inWorkplace(async (place) => {
          const installation = installations.get(abi);
          if (installation === undefined) return [`${version}: not installed`];
          const found = await failuresOf(node, installation, place, USUAL_COMMANDS);
          return found.map((failure) => `${version}: ${failure}`);
        }),
      2,
    );
    expect(failures.flat()).toEqual([]);
  });
});

describe('the package', () => {
  it.each(isWholeRun() ? VERSIONS : [])(
    'comes from sources that pass the unit tests with %s',
    async (version) => {
      expect(await unitTestFailures(release(version), checkoutOf(version))).toBe('');
    },
  );

  it('holds the program, the library and the licences of what is bundled', async () => {
    const { stdout } = await promisify(execFile)('tar', ['-tzf', archive]);
    for (const name of ['dist/entry.cjs', 'dist/library.mjs', 'dist/types/index.d.ts', 'THIRD-PARTY-NOTICES'])
      expect(stdout).toContain(`package/${name}\n`);
  });

  it.each(VERSIONS)('runs every command, the server and the library with %s', async (version) => {
    const installation = await installedFor(release(version), archive, join(root, 'installed', version));
    expect(await failuresWith(version, installation)).toEqual([]);
  });
});

describe("SQLite's addon of another release", () => {
  it.each(VERSIONS.filter(hasSqlite))(
    'is no obstacle to commands, the server and the library with %s, which says nothing of its own SQLite',
    async (version) => {
      const installation = await installedFor(release('20.19.0'), archive, join(root, 'foreign', version));
      expect(await failuresWith(version, installation)).toEqual([]);
    },
  );

  it('is said with the command that mends it, by commands and the server, with 20.19.0', async () => {
    const { node } = release('20.19.0');
    const place = join(root, 'foreign', '20');
    const { program } = await installedFor(release('24.22.3'), archive, place);
    await inWorkplace(async (workplace) => {
      const create = ['create', 'bot', '--scope', 'data:users', '--output', 'bot.env'];
      await runIn(workplace, [release('24.22.3').node, program, ...create]);
      for (const argv of [['list'], create, ['serve', '--port', '0']]) {
        const ended = await runIn(workplace, [node, program, ...argv]);
        expect(told(ended), argv[0]).toBe(
          "8 credctl: SQLite's addon was not built for this Node.js (v20.19.0)\n" +
            'hint: use Node.js 22.16 or newer, or run: npm rebuild better-sqlite3 (npm rebuild -g better-sqlite3 where credctl is installed globally; with pnpm: pnpm approve-builds, then pnpm rebuild better-sqlite3; globally: pnpm approve-builds -g)',
        );
      }
    });
  });
});

describe('without better-sqlite3, which npm leaves out where it cannot be had', () => {
  async function installedWithout(version: string): Promise<Installation> {
    const installation = await installedFor(release(version), archive, join(root, 'without', version));
    await rm(join(installation.directory, 'node_modules', 'better-sqlite3'));
    return installation;
  }

  it.each(VERSIONS.filter(hasSqlite))(
    'commands, the server and the library do all that they do, with %s',
    async (version) => {
      expect(await failuresWith(version, await installedWithout(version))).toEqual([]);
    },
  );

  it.each(VERSIONS.filter((version) => !hasSqlite(version)))(
    'commands and the server say what to install or to use, with %s',
    async (version) => {
      const { program } = await installedWithout(version);
      await inWorkplace(async (workplace) => {
        const create = ['create', 'bot', '--scope', 'data:users', '--output', 'bot.env'];
        for (const argv of [create, ['store', 'init'], ['serve', '--dev', '--port', '0']]) {
          const ended = await runIn(workplace, [release(version).node, program, ...argv]);
          expect(told(ended), argv[0]).toMatch(
            /^8 credctl: better-sqlite3 is not installed, and Node\.js v\S+ has no SQLite in its place\nhint: use Node\.js 22\.16 or newer, or run: npm install better-sqlite3@12 .*$/,
          );
        }
      });
    },
  );
});
