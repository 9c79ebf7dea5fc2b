import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readFile, rename, rm, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { concurrently } from '../faults/concurrently.js';
import { PROJECT } from '../program/real-program.js';

const run = promisify(execFile);

const MODULES = join(PROJECT, 'node_modules');

/** What is slow to make is kept here, until npm installs everything anew. */
const CACHE = join(MODULES, '.cache', 'credctl-test');

const SOURCES = join(MODULES, 'better-sqlite3');

/** SQLite itself, which is the same for each ABI. */
const OBJECT = 'sqlite3.o';

/** A release of Node.js, with what npm would have installed for it. */
export interface NodeRelease {
  readonly version: string;
  /** The executable. */
  readonly node: string;
  /** NODE_MODULE_VERSION: addons are compiled for one of them. */
  readonly abi: string;
  /** A directory `node_modules` with what the package depends on, for this ABI. */
  readonly dependencies: string;
}

/** Installs releases of Node.js, and compiles SQLite's addon for each ABI among them. */
export async function nodeReleases(versions: readonly string[]): Promise<readonly NodeRelease[]> {
  const directory = await made(join(CACHE, `node-${versions.join('-')}`), (at) => install(versions, at));
  const found = await concurrently(versions, async (version) => {
    const home = join(directory, 'node_modules', `node-${version}`);
    const node = join(home, 'bin', 'node');
    const { stdout } = await run(node, ['-p', 'process.versions.modules']);
    return { version, home, node, abi: stdout.trim() };
  });
  const ofEachAbi = new Map(found.map(({ abi, home }) => [abi, join(home, 'include', 'node')]));
  const sqlite = await made(join(CACHE, 'sqlite'), compileSqlite);
  const compiled = await concurrently(
    [...ofEachAbi],
    async ([abi, headers]) => [abi, await dependenciesFor(abi, headers, join(sqlite, OBJECT))] as const,
    2,
  );
  const dependencies = new Map(compiled);
  return found.map(({ version, node, abi }) => ({
    version,
    node,
    abi,
    dependencies: dependencies.get(abi) ?? '',
  }));
}

/** npm has each release as a package. */
async function install(versions: readonly string[], directory: string): Promise<void> {
  const runtime = `node-${process.platform}-${process.arch}`;
  await run(
    'npm',
    [
      ...['install', '--prefix', directory, '--no-save', '--no-bin-links', '--no-audit', '--no-fund'],
      ...versions.map((version) => `node-${version}@npm:${runtime}@${version}`),
    ],
    { cwd: directory },
  );
}

async function dependenciesFor(abi: string, headers: string, sqlite: string): Promise<string> {
  const { version } = JSON.parse(await readFile(join(MODULES, 'better-sqlite3', 'package.json'), 'utf8'));
  const directory = await made(join(CACHE, `better-sqlite3-${version}-${abi}`), async (at) => {
    const modules = join(at, 'node_modules');
    await copyWithoutAddon(modules);
    const addon = join(modules, 'better-sqlite3', 'build', 'Release', 'better_sqlite3.node');
    await mkdir(dirname(addon), { recursive: true });
    if (abi === process.versions.modules) await cp(installedAddon(), addon);
    else await compileAddon(headers, sqlite, addon);
  });
  return join(directory, 'node_modules');
}

/** What the package depends on, as `npm install --ignore-scripts` leaves it. */
export async function copyWithoutAddon(modules: string): Promise<void> {
  await mkdir(join(modules, '@napi-rs'), { recursive: true });
  for (const part of ['lib', 'package.json']) {
    await cp(join(MODULES, 'better-sqlite3', part), join(modules, 'better-sqlite3', part), {
      recursive: true,
    });
  }
  for (const name of ['bindings', 'file-uri-to-path', '@napi-rs/keyring']) {
    await symlink(join(MODULES, name), join(modules, name));
  }
}

function installedAddon(): string {
  return join(MODULES, 'better-sqlite3', 'build', 'Release', 'better_sqlite3.node');
}

/** As `npm rebuild better-sqlite3` does, but without optimisation, and SQLite itself once: that takes a tenth of the time. */
async function compileAddon(headers: string, sqlite: string, addon: string): Promise<void> {
  await run('c++', [
    ...['-shared', '-fPIC', '-O0', '-w', '-std=gnu++20', '-DBUILDING_NODE_EXTENSION'],
    ...['-DNODE_GYP_MODULE_NAME=better_sqlite3', `-I${headers}`, `-I${join(SOURCES, 'deps', 'sqlite3')}`],
    ...[join(SOURCES, 'src', 'better_sqlite3.cpp'), sqlite, '-Wl,-Bsymbolic', '-o', addon],
  ]);
}

async function compileSqlite(directory: string): Promise<void> {
  const settings = await readFile(join(SOURCES, 'deps', 'defines.gypi'), 'utf8');
  const defines = Array.from(settings.matchAll(/'([A-Z]\w+(?:=[^']*)?)'/g), ([, text]) => `-D${text}`);
  const code = join(SOURCES, 'deps', 'sqlite3', 'sqlite3.c');
  await run('cc', ['-c', '-O0', '-fPIC', '-w', ...defines, code, '-o', join(directory, OBJECT)]);
}

/** Makes a directory unless it is there; it gets its name when it is complete. */
async function made(directory: string, make: (at: string) => Promise<void>): Promise<string> {
  if (existsSync(directory)) return directory;
  await mkdir(CACHE, { recursive: true });
  const draft = await mkdtemp(`${directory}.tmp-`);
  try {
    await make(draft);
    await rename(draft, directory).catch((fault: unknown) => {
      if (!existsSync(directory)) throw fault;
    });
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
  return directory;
}
