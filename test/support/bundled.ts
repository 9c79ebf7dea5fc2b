import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { PROJECT } from './real-program.js';

/** Stands for import.meta, which CommonJS lacks; as in the real build. */
const IMPORT_META =
  "'use strict';const importMeta={get url(){return require('node:url').pathToFileURL(__filename).href}};";

/** Runs the module with the code that V8 compiled for it before, which halves the time that a start takes. */
const STARTER = `'use strict';
const { existsSync, readFileSync, writeFileSync } = require('node:fs');
const { Script } = require('node:vm');
const [filename, cache] = [__dirname + '/module.cjs', __dirname + '/module.cache'];
const cachedData = existsSync(cache) ? readFileSync(cache) : undefined;
const source = '(function(require,module,exports,__filename,__dirname){' + readFileSync(filename, 'utf8') + '\\n})';
const script = new Script(source, { filename, cachedData });
const module_ = { exports: {} };
script.runInThisContext()(require, module_, module_.exports, filename, __dirname);
if (cachedData === undefined)
  process.on('exit', () => writeFileSync(cache, script.createCachedData()));
`;

/** A file that Node can run, made of a module in this directory and everything that it imports. */
export interface Bundled {
  readonly file: string;
  remove(): void;
}

/**
 * Bundles a module of this directory the way the program itself is bundled.
 *
 * @param warmUp arguments of a first run, after which starts are faster
 */
export async function bundled(module: string, warmUp: readonly string[]): Promise<Bundled> {
  const directory = mkdtempSync(join(tmpdir(), 'credctl-bundled-'));
  await build({
    absWorkingDir: PROJECT,
    entryPoints: [fileURLToPath(new URL(module, import.meta.url))],
    outfile: join(directory, 'module.cjs'),
    bundle: true,
    platform: 'node',
    target: 'node20.17',
    format: 'cjs',
    charset: 'ascii',
    minify: true,
    legalComments: 'none',
    banner: { js: IMPORT_META },
    define: { 'import.meta.url': 'importMeta.url', CREDCTL_VERSION: '"0.0.0-test"' },
    external: ['better-sqlite3'],
    logLevel: 'warning',
  });
  symlinkSync(join(PROJECT, 'node_modules'), join(directory, 'node_modules'));
  symlinkSync(join(PROJECT, 'dist', 'keychain-agent.mjs'), join(directory, 'keychain-agent.mjs'));
  const file = join(directory, 'start.cjs');
  writeFileSync(file, STARTER);
  execFileSync(process.execPath, [file, ...warmUp], {
    cwd: directory,
    env: { PATH: process.env['PATH'] ?? '', HOME: directory, XDG_DATA_HOME: join(directory, 'data') },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  return { file, remove: () => rmSync(directory, { recursive: true, force: true }) };
}
