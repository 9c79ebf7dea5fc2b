import { execFileSync } from 'node:child_process';
import { chmodSync, cpSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nodeSqlite } from '../../../src/storage/sqlite/driver/node-sqlite.js';
import { copyWithoutAddon } from '../../support/build/node-releases.js';
import { installed } from '../../support/build/packed.js';
import { privateMount } from '../../support/faults/private-mount.js';
import {
  failuresOf,
  inWorkplace,
  libraryFailures,
  OTHER_COMMANDS,
  serverFailures,
  told,
  USUAL_COMMANDS,
} from '../../support/program/every-command.js';
import { credctl, type Ended, PROJECT, runIn } from '../../support/program/real-program.js';
import { unprivileged } from '../../support/program/unprivileged.js';
import { makeWorkplace, type Workplace } from '../../support/program/workplace.js';

const ADDON = join('build', 'Release', 'better_sqlite3.node');

const REBUILD =
  'npm rebuild better-sqlite3 (npm rebuild -g better-sqlite3 where credctl is installed globally; with pnpm: pnpm approve-builds, then pnpm rebuild better-sqlite3; globally: pnpm approve-builds -g)';

const INSTALL =
  'npm install better-sqlite3@12 (npm install -g better-sqlite3@12 where credctl is installed globally; in a clone: npm ci --foreground-scripts)';

const UNBUILT = `8 credctl: SQLite's addon was not built for this Node.js (${process.version})\nhint: use Node.js 22.16 or newer, or run: ${REBUILD}`;

const ABSENT = `8 credctl: better-sqlite3 is not installed, and Node.js ${process.version} has no SQLite in its place\nhint: use Node.js 22.16 or newer, or run: ${INSTALL}`;

/** The package as it is after `npm install --ignore-scripts`. @returns its directory */
async function withoutScripts(): Promise<string> {
  const directory = await installed();
  const modules = join(directory, 'node_modules');
  for (const name of readdirSync(modules)) {
    if (name !== 'credctl') rmSync(join(modules, name), { recursive: true });
  }
  await copyWithoutAddon(modules);
  return directory;
}

/** The package as npm leaves it where better-sqlite3 could be neither fetched nor compiled. @returns its directory */
async function withoutPackage(): Promise<string> {
  const directory = await installed();
  for (const name of ['better-sqlite3', 'bindings', 'file-uri-to-path'])
    rmSync(join(directory, 'node_modules', name));
  return directory;
}

const programIn = (directory: string): string =>
  join(directory, 'node_modules', 'credctl', 'bin', 'credctl.js');

/** Every command that opens a store in a file. */
const COMMANDS: readonly (readonly string[])[] = [
  ['list'],
  ['show', 'bot'],
  ['create', 'other', '--scope', 'data:users', '-q'],
  ['edit', 'bot', '--description', 'x'],
  ['activate', 'bot'],
  ['deactivate', 'bot'],
  ['rotate', 'bot', '--now', '-q'],
  ['rotate', '--due', '--dry-run'],
  ['delete', 'bot', '--yes'],
  ['verify'],
  ['run', 'bot', '--', 'true'],
  ['owner', 'list'],
  ['catalog', 'show'],
  ['keychain', 'list'],
  ['audit', 'list'],
  ['audit', 'verify'],
  ['audit', 'export'],
  ['serve', '--port', '0'],
  ['store', 'info'],
  ['store', 'check'],
  ['store', 'set', '--hash', 'sha256'],
  ['store', 'backup', 'new.db'],
  ['store', 'restore', 'backup.db', '--force'],
  ['store', 'copy', '--to', 'copy.db'],
];

let place: Workplace;
beforeAll(async () => {
  place = makeWorkplace();
  await credctl(place, ['create', 'bot', '--type', 'api-key', '--scope', 'data:users', '--output', 'key']);
  await credctl(place, ['store', 'backup', 'backup.db']);
});
afterAll(() => place.remove());

const STATES = [
  {
    state: "SQLite's addon, as after npm install --ignore-scripts or with pnpm",
    install: withoutScripts,
    fault: UNBUILT,
    mend: (modules: string): void =>
      cpSync(join(PROJECT, 'node_modules', 'better-sqlite3', ADDON), join(modules, 'better-sqlite3', ADDON)),
  },
  {
    state: 'better-sqlite3, as where npm could not build it',
    install: withoutPackage,
    fault: ABSENT,
    mend: (modules: string): void =>
      symlinkSync(join(PROJECT, 'node_modules', 'better-sqlite3'), join(modules, 'better-sqlite3')),
  },
];

describe.each(STATES)('without $state', ({ install, fault, mend }) => {
  if (nodeSqlite() === null) {
    it('every command and the server say which command mends that, and change nothing', async () => {
      const program = programIn(await install());
      const before = readdirSync(place.root, { recursive: true }).sort();
      const said: string[] = [];
      for (const argv of COMMANDS) {
        const ended = await runIn(place, [process.execPath, program, ...argv], { input: key(place) });
        said.push(`${argv.join(' ')}: ${told(ended)}`);
      }
      expect(said).toEqual(COMMANDS.map((argv) => `${argv.join(' ')}: ${fault}`));
      expect(readdirSync(place.root, { recursive: true }).sort()).toEqual(before);
    });

    it('the first command says so before it makes anything, and with --json as an error document', async () => {
      const program = programIn(await install());
      await inWorkplace(async (empty) => {
        const run = (...argv: readonly string[]): Promise<Ended> =>
          runIn(empty, [process.execPath, program, ...argv]);
        expect(told(await run('create', 'bot', '--scope', 'data:users', '-q'))).toBe(fault);
        expect(told(await run('store', 'init'))).toBe(fault);
        expect(readdirSync(join(empty.root, 'data'))).toEqual([]);
        const { stderr, stdout } = await run('store', 'init', '--json');
        expect([stdout, JSON.parse(stderr).error.code]).toEqual(['', 'store_unavailable']);
      });
    });

    it('the library says so with an error of its own', async () => {
      const directory = await install();
      writeFileSync(
        join(directory, 'use.mjs'),
        `import { CredctlError, createVerifier, openStore } from 'credctl';
        const faults = [];
        for (const open of [openStore, (path) => openStore(path + '.new', { create: {} }), createVerifier]) {
          try {
            await open(process.argv[2]);
          } catch (fault) {
            faults.push([fault instanceof CredctlError, fault.code, fault.message, fault.hint]);
          }
        }
        process.stdout.write(JSON.stringify(faults));`,
      );
      const { stdout } = await runIn(place, [process.execPath, join(directory, 'use.mjs'), place.store]);
      const [, message, hint] = /credctl: (.*)\nhint: (.*)/.exec(fault) ?? [];
      const thrown = [true, 'store_unavailable', message, hint];
      expect(JSON.parse(stdout)).toEqual([thrown, thrown, thrown]);
    });

    it('works again once that is there', async () => {
      const directory = await install();
      mend(join(directory, 'node_modules'));
      const ended = await runIn(place, [process.execPath, programIn(directory), 'verify'], {
        input: key(place),
      });
      expect(ended.exitCode).toBe(0);
    });
  } else {
    it("every command, the server and the library work with Node's own SQLite, which none of them warns of", async () => {
      const directory = await install();
      const installation = { directory, program: programIn(directory) };
      const failures = await inWorkplace(async (own) => [
        ...(await failuresOf(process.execPath, installation, own, USUAL_COMMANDS)),
        ...(await serverFailures(process.execPath, installation, own)),
        ...(await libraryFailures(process.execPath, installation, own, 'bot.key')),
        ...(await failuresOf(process.execPath, installation, own, OTHER_COMMANDS)),
      ]);
      expect(failures).toEqual([]);
    });

    it('store info says so, and its document is the same', async () => {
      const program = programIn(await install());
      const info = (...argv: readonly string[]): Promise<Ended> =>
        runIn(place, [process.execPath, program, 'store', 'info', ...argv]);
      expect((await info()).stdout).toMatch(/^engine: +sqlite, with node:sqlite\n/);
      expect(JSON.parse((await info('--json')).stdout).store.engine).toBe('sqlite');
    });

    it('other warnings of Node.js are said as before', async () => {
      const directory = await install();
      const remark = join(directory, 'remark.cjs');
      writeFileSync(remark, "process.emitWarning('something else');");
      const { stderr } = await runIn(place, [process.execPath, '-r', remark, programIn(directory), 'list']);
      expect(stderr).toMatch(/^\(node:\d+\) Warning: something else\n\(Use .*\)\n$/);
    });
  }
});

if (nodeSqlite() === null) {
  it("SQLite's addon that may not be mapped as code, or not be read, is another matter", async () => {
    const directory = await withoutScripts();
    const addon = join(PROJECT, 'node_modules', 'better-sqlite3', ADDON);
    const built = join(directory, 'node_modules', 'better-sqlite3', ADDON);
    const mount = await privateMount(8_192);
    try {
      execFileSync('cp', [addon, join(mount.view, 'addon.node')]);
      mount.sh('mount -o remount,noexec "$1"');
      cpSync(join(PROJECT, 'package.json'), built);
      rmSync(built);
      symlinkSync(join(mount.directory, 'addon.node'), built);
      const command = [process.execPath, programIn(directory), 'list'];
      const noexec = told(await runIn(place, mount.inside(command)));
      rmSync(built);
      cpSync(addon, built);
      chmodSync(built, 0);
      const unreadable = told(await runIn(place, unprivileged(command)));
      for (const text of [noexec, unreadable]) {
        expect(text).toMatch(/^8 credctl: SQLite's addon cannot be loaded: \S+\.node: .+\n/);
        expect(text).toMatch(
          /\nhint: let your user read the file, and keep it on a file system without noexec$/,
        );
      }
    } finally {
      mount.remove();
    }
  });
}

function key(place: Workplace): string {
  return execFileSync('cat', [join(place.root, 'key')], { encoding: 'utf8' });
}
