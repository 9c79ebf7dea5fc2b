// @ts-check
/**
 * Builds dist/: the program as a few files, every library that it needs only now and then as another, and beside them
 * the code that V8 compiled for each. Both shorten every start. The code serves this build of Node.js alone, and is no
 * part of the package.
 *
 * Everything is made in a directory of its own and renamed into place file by file, so that a program started
 * meanwhile, or a second build, never meets half of it.
 */
import { execFile, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { env, execPath, stderr } from 'node:process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import * as esbuild from 'esbuild';
import { ADDONS, lazyLibraries, sqliteAddon } from './bundling.mjs';
import { libraryModules, packed, packedStart, programModules } from './packing.mjs';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const DESTINATION = join(ROOT, 'dist');
const WORKSHOP = 'dist.tmp-';

/** Where the program starts. */
const PROGRAM = [{ in: 'src/cli/entry.ts', out: 'entry' }];

/** The files that the program consists of, so that `--help` and `list`, say, read no more than they need. */
const BUNDLES = [
  { name: 'cli.bundle', roots: ['src/cli/entry.ts'] },
  { name: 'list.bundle', roots: ['src/cli/commands/list.ts', 'src/storage/open.ts'] },
  { name: 'create.bundle', roots: ['src/cli/commands/create.ts', 'src/storage/sql/transaction.ts'] },
  { name: 'rest.bundle', roots: [] },
];

/** The files for what is run most, each with the bundles that such a command needs. */
const STARTS = [
  { name: 'help.start', bundles: ['cli.bundle'], argv: ['--help'] },
  {
    name: 'list.start',
    bundles: ['cli.bundle', 'list.bundle', 'better-sqlite3.bundle'],
    argv: ['list', '--json'],
  },
  {
    name: 'create.start',
    bundles: ['cli.bundle', 'list.bundle', 'better-sqlite3.bundle', 'create.bundle'],
    argv: ['create', 'second-bot', '--type', 'api-key', '--scope', 'data:conversations'],
  },
];

/**
 * What Node loads without us, as `{ in: source, out: name }`: each becomes an ES module with all that it needs.
 *
 * @type {{ in: string, out: string }[]}
 */
const MODULES = [
  { in: 'src/system/keychain/keychain-agent.ts', out: 'keychain-agent' },
  { in: 'src/system/hashing/hash-thread.ts', out: 'hash-thread' },
  { in: 'src/storage/serving/sqlite/writer-thread.ts', out: 'writer-thread' },
];

/** What CommonJS libraries expect to find, and ES modules do not have. */
const COMMON_JS_NAMES = `import{createRequire}from'node:module';const require=createRequire(import.meta.url),\
__filename=require('node:url').fileURLToPath(import.meta.url),__dirname=require('node:path').dirname(__filename);`;

/** As far as PostgreSQL's driver, which is within the library, needs them. */
const COMMON_JS_REQUIRE = `import{createRequire}from'node:module';const require=createRequire(import.meta.url);`;

/** The library, as `{ in: source, out: name }`: ES modules, and beside them what they share and what they load late. */
const LIBRARY = [
  { in: 'src/index.ts', out: 'library' },
  { in: 'src/library/fastify.ts', out: 'library-fastify' },
  { in: 'src/library/express.ts', out: 'library-express' },
];

/** What npm installs for the library as well: it stays outside. */
const DEPENDENCIES = ['better-sqlite3'];

const COMPILER = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc');

/** Longer than a warm-up takes, so that a command that waits for something cannot hold up the build. */
const WARM_UP_TIMEOUT_MS = 60_000;

/** Longer than any build takes: a workshop of that age belongs to one that was cut off. */
const STALE_AFTER_MS = 3_600_000;

async function build() {
  const startedAt = new Date();
  await sweep(startedAt);
  const workshop = await mkdtemp(join(ROOT, WORKSHOP));
  try {
    await Promise.all([bundle(workshop), declare(workshop)]);
    await warmUp(workshop);
    await publish(workshop, startedAt);
  } finally {
    await rm(workshop, { recursive: true, force: true });
  }
}

/** @param {Date} now */
async function sweep(now) {
  for (const name of (await readdir(ROOT)).filter((name) => name.startsWith(WORKSHOP))) {
    const { mtime } = await stat(join(ROOT, name));
    if (now.getTime() - mtime.getTime() > STALE_AFTER_MS)
      await rm(join(ROOT, name), { recursive: true, force: true });
  }
}

/** @param {string} workshop */
async function bundle(workshop) {
  const { version } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8'));
  const libraries = await lazyLibraries(ROOT);
  /** @type {esbuild.BuildOptions} */
  const common = {
    absWorkingDir: ROOT,
    outdir: workshop,
    bundle: true,
    platform: 'node',
    target: 'node20.17',
    charset: 'ascii',
    minify: true,
    legalComments: 'none',
    external: ADDONS,
    define: { CREDCTL_VERSION: JSON.stringify(version) },
    logLevel: 'warning',
    logLimit: 10,
  };
  const program = await programModules(
    { ...common, entryPoints: PROGRAM, plugins: [libraries.replacements] },
    BUNDLES,
  );
  const bundles = await libraryModules({
    ...common,
    entryPoints: libraries.entryPoints,
    plugins: [libraries.sources, sqliteAddon],
  });
  for (const [name, modules] of program) bundles.set(name, modules);
  for (const [name, modules] of bundles)
    await writeFile(join(workshop, name), packed(modules, program.has(name)));
  for (const { name, bundles: needed } of STARTS)
    await writeFile(join(workshop, name), packedStart(needed, bundles));
  const modules = /** @type {const} */ ({ ...common, format: 'esm', outExtension: { '.js': '.mjs' } });
  await esbuild.build({
    ...modules,
    entryPoints: MODULES,
    plugins: [sqliteAddon],
    banner: { js: COMMON_JS_NAMES },
  });
  await esbuild.build({
    ...modules,
    entryPoints: LIBRARY,
    external: [...ADDONS, ...DEPENDENCIES],
    splitting: true,
    chunkNames: 'library-[hash]',
    minify: false,
    banner: { js: COMMON_JS_REQUIRE },
  });
}

/**
 * Writes the type declarations of the library.
 *
 * @param {string} workshop
 */
async function declare(workshop) {
  const argv = [COMPILER, '-p', join(ROOT, 'tsconfig.types.json'), '--outDir', join(workshop, 'types')];
  await promisify(execFile)(execPath, argv, { cwd: ROOT });
}

/**
 * Runs typical commands in a child process, in a home of their own, and keeps what V8 compiled. The program works
 * without that, only slower, so that a failure is a warning.
 *
 * @param {string} workshop
 */
async function warmUp(workshop) {
  const home = await mkdtemp(join(tmpdir(), 'credctl-build-'));
  try {
    await warmUpIn(home, [workshop]);
    // The first has made the store that these find.
    for (const { name, argv } of STARTS) await warmUpIn(home, [workshop, name, ...argv]);
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}

/**
 * @param {string} home
 * @param {readonly string[]} argv
 */
async function warmUpIn(home, argv) {
  const child = fork(join(ROOT, 'scripts', 'warm-up.cjs'), argv, {
    cwd: home,
    env: {
      PATH: env['PATH'],
      HOME: home,
      XDG_CONFIG_HOME: join(home, 'config'),
      XDG_DATA_HOME: join(home, 'data'),
    },
    execArgv: [],
    silent: true,
    timeout: WARM_UP_TIMEOUT_MS,
    killSignal: 'SIGKILL',
  });
  child.stdout?.resume();
  child.stderr?.resume();
  child.on('message', warn);
  const [status, signal] = await once(child, 'exit');
  if (status !== 0)
    warn(`there is no code cache, so that every start is slower: ${signal ?? `exit ${status}`}`);
}

/** @param {unknown} message */
function warn(message) {
  stderr.write(`build: ${message}\n`);
}

/**
 * Moves what is in the workshop into place and removes what an earlier build left there.
 *
 * @param {string} workshop
 * @param {Date} startedAt becomes the time of the files, so that a source changed since counts as newer
 */
async function publish(workshop, startedAt) {
  await mkdir(DESTINATION, { recursive: true });
  const files = await readdir(workshop);
  for (const file of files) {
    await utimes(join(workshop, file), startedAt, startedAt);
    await replace(join(workshop, file), join(DESTINATION, file));
  }
  const leftovers = (await readdir(DESTINATION)).filter((file) => !files.includes(file));
  await Promise.all(leftovers.map((file) => rm(join(DESTINATION, file), { recursive: true, force: true })));
}

/**
 * Only a directory cannot take the place of another one.
 *
 * @param {string} from
 * @param {string} to
 */
async function replace(from, to) {
  if ((await stat(from)).isDirectory()) await rm(to, { recursive: true, force: true });
  await rename(from, to);
}

await build();
