// @ts-check
/**
 * Makes a program of a module of test/support, with the tools and in the form of the real build:
 * `node bundle-program.mjs MODULE DIRECTORY`. What V8 compiles for it is kept by its first run.
 */
import { cp, mkdir, readdir, symlink, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { argv } from 'node:process';
import { fileURLToPath } from 'node:url';
import { lazyLibraries } from '../../../scripts/bundling.mjs';
import { packed, programModules } from '../../../scripts/packing.mjs';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const BUILT = join(ROOT, 'dist');
const CODE = 'code-cache';

const [module = '', directory = ''] = argv.slice(2);
const entry = `test/support/${module}`;

const BUNDLES = [
  { name: 'cli.bundle', roots: [entry] },
  {
    name: 'create.bundle',
    roots: ['src/cli/commands/create.ts', 'src/storage/open.ts', 'src/storage/sql/transaction.ts'],
  },
  { name: 'rest.bundle', roots: [] },
];

/** Runs the program; the first time, keeps the code that V8 has compiled by its end. */
const STARTER = `'use strict';
const { existsSync, mkdirSync, writeFileSync } = require('node:fs');
const { bundlesIn, codeFile } = require(${JSON.stringify(join(ROOT, 'bin', 'credctl.js'))});
const dist = __dirname + '/dist';
const bundles = bundlesIn(dist, 'cli.bundle');
if (!existsSync(dist + '/warm'))
  process.on('exit', () => {
    for (const name of ['cli.bundle', 'create.bundle', 'rest.bundle']) {
      const { source, script } = bundles.open(name);
      const file = codeFile(dist, source);
      mkdirSync(require('node:path').dirname(file), { recursive: true });
      writeFileSync(file, script.createCachedData());
    }
    writeFileSync(dist + '/warm', '');
  });
bundles.load('cli.bundle/entry');
`;

const libraries = await lazyLibraries(ROOT);
const bundles = await programModules(
  {
    absWorkingDir: ROOT,
    outdir: directory,
    entryPoints: [{ in: entry, out: 'entry' }],
    bundle: true,
    platform: 'node',
    target: 'node20.17',
    charset: 'ascii',
    minify: true,
    legalComments: 'none',
    external: ['@napi-rs/keyring'],
    define: { CREDCTL_VERSION: '"0.0.0-test"' },
    logLevel: 'warning',
    plugins: [libraries.replacements],
  },
  BUNDLES,
);
const dist = join(directory, 'dist');
await mkdir(dist);
await symlink(join(ROOT, 'node_modules'), join(directory, 'node_modules'));
// What V8 compiles for this program goes beside what it compiled for the libraries, but not into the real dist/.
await cp(join(BUILT, CODE), join(dist, CODE), { recursive: true });
for (const name of await readdir(BUILT)) {
  if (name !== CODE && !BUNDLES.some((bundle) => bundle.name === name))
    await symlink(join(BUILT, name), join(dist, basename(name)));
}
await Promise.all([...bundles].map(([name, modules]) => writeFile(join(dist, name), packed(modules, true))));
if (bundles.size !== BUNDLES.length) throw new Error(`made ${[...bundles.keys()]} only`);
await writeFile(join(directory, 'start.cjs'), STARTER);
