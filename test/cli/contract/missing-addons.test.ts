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
  'npm rebuild better-sqlite3 (npm rebuild -g better-sqlite3 where credctl is installed globally; with pnpm: pnpm approve-builds)';

const UNBUILT = `8 credctl: SQLite's addon was not built for this Node.js (${process.version})\nhint: run: ${REBUILD}`;

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

describe("without SQLite's addon, as after npm install --ignore-scripts or with pnpm", () => {
  let place: Workplace;
  beforeAll(async () => {
    place = makeWorkplace();
    await credctl(place, ['create', 'bot', '--type', 'api-key', '--scope', 'data:users', '--output', 'key']);
    await credctl(place, ['store', 'backup', 'backup.db']);
  });
  afterAll(() => place.remove());

  if (nodeSqlite() === null) {
    it('every command and the server say which command builds it, and change nothing', async () => {
      const program = programIn(await withoutScripts());
      const before = readdirSync(place.root, { recursive: true }).sort();
      const said: string[] = [];
      for (const argv of COMMANDS) {
        const ended = await runIn(place, [process.execPath, program, ...argv], { input: key(place) });
        said.push(`${argv.join(' ')}: ${told(ended)}`);
      }
      expect(said).toEqual(COMMANDS.map((argv) => `${argv.join(' ')}: ${UNBUILT}`));
      expect(readdirSync(place.root, { recursive: true }).sort()).toEqual(before);
    });

    it('the first command says so before it makes anything, and with --json as an error document', async () => {
      const program = programIn(await withoutScripts());
      await inWorkplace(async (empty) => {
        const run = (...argv: readonly string[]): Promise<Ended> =>
          runIn(empty, [process.execPath, program, ...argv]);
        expect(told(await run('create', 'bot', '--scope', 'data:users', '-q'))).toBe(UNBUILT);
        expect(told(await run('store', 'init'))).toBe(UNBUILT);
        expect(readdirSync(join(empty.root, 'data'))).toEqual([]);
        const { stderr, stdout } = await run('store', 'init', '--json');
        expect([stdout, JSON.parse(stderr).error.code]).toEqual(['', 'store_unavailable']);
      });
    });

    it('the library says so with an error of its own', async () => {
      const directory = await withoutScripts();
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
      const [, message, hint] = /credctl: (.*)\nhint: (.*)/.exec(UNBUILT) ?? [];
      const fault = [true, 'store_unavailable', message, hint];
      expect(JSON.parse(stdout)).toEqual([fault, fault, fault]);
    });

    it('works again once the addon is there', async () => {
      const directory = await withoutScripts();
      const built = join(directory, 'node_modules', 'better-sqlite3', ADDON);
      cpSync(join(PROJECT, 'node_modules', 'better-sqlite3', ADDON), built);
      const ended = await runIn(place, [process.execPath, programIn(directory), 'verify'], {
        input: key(place),
      });
      expect(ended.exitCode).toBe(0);
    });

    it('an addon that may not be mapped as code, or not be read, is another matter', async () => {
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
  } else {
    it("every command, the server and the library work with Node's own SQLite, which none of them warns of", async () => {
      const directory = await withoutScripts();
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
      const program = programIn(await withoutScripts());
      const info = (...argv: readonly string[]): Promise<Ended> =>
        runIn(place, [process.execPath, program, 'store', 'info', ...argv]);
      expect((await info()).stdout).toMatch(/^engine: +sqlite, with node:sqlite\n/);
      expect(JSON.parse((await info('--json')).stdout).store.engine).toBe('sqlite');
    });

    it('other warnings of Node.js are said as before', async () => {
      const directory = await withoutScripts();
      const remark = join(directory, 'remark.cjs');
      writeFileSync(remark, "process.emitWarning('something else');");
      const { stderr } = await runIn(place, [process.execPath, '-r', remark, programIn(directory), 'list']);
      expect(stderr).toMatch(/^\(node:\d+\) Warning: something else\n\(Use .*\)\n$/);
    });
  }
});

describe('without the addon for the keychain', () => {
  it('says that it is missing, and how to install it, not that a Secret Service is', async () => {
    const directory = await installed();
    const modules = join(directory, 'node_modules', '@napi-rs');
    rmSync(join(modules, 'keyring'));
    cpSync(join(PROJECT, 'node_modules', '@napi-rs', 'keyring'), join(modules, 'keyring'), {
      recursive: true,
    });
    await inWorkplace(async (place) => {
      const argv = ['create', 'bot', '--scope', 'data:users', '--keychain'];
      const ended = await runIn(place, [process.execPath, programIn(directory), ...argv]);
      expect(ended.stdout).toBe('');
      expect(told(ended)).toMatch(
        /^6 (?:.+\n)*credctl: the addon for the keychain is not installed: @napi-rs\/keyring-[\w-]+\nhint: install it: npm install --include=optional, or /,
      );
    });
  });
});

describe("where the program's own files cannot be read", () => {
  it('says which one, and how to give leave', async () => {
    const directory = await installed();
    chmodSync(join(directory, 'node_modules', 'credctl', 'dist'), 0);
    await inWorkplace(async (place) => {
      const ended = await runIn(place, unprivileged([process.execPath, programIn(directory), 'list']));
      const home = join(directory, 'node_modules', 'credctl');
      expect(told(ended)).toBe(
        `1 credctl: the program's own file cannot be read: ${join(home, 'dist', 'entry.cjs')}\nhint: as its owner, run: chmod -R a+rX '${home}'`,
      );
    });
  });
});

function key(place: Workplace): string {
  return execFileSync('cat', [join(place.root, 'key')], { encoding: 'utf8' });
}
