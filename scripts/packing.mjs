// @ts-check
/** Turns what esbuild makes of the sources into bundles, the files that bin/ reads. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import * as esbuild from 'esbuild';

/** Characters of the digest that a bundle begins with, in a comment: bin/ finds the code of that source by it. */
const DIGEST_LENGTH = 16;

/** Stands for import.meta, which CommonJS lacks. */
const IMPORT_META =
  "const importMeta={get url(){return require('node:url').pathToFileURL(__filename).href}};";

/**
 * V8 keeps texts above 128 KiB apart. Below that they fill up the space for new objects, which V8 then tidies up in
 * the middle of a start.
 */
const LARGE_TEXT = 132_000;

/** How the code of a module becomes the body of a function that is called with `require`, `module`, `__filename`. */
const COMMON_JS = /** @type {const} */ ({
  format: 'cjs',
  platform: 'node',
  target: 'node20.17',
  charset: 'ascii',
  minify: true,
  supported: { 'dynamic-import': false },
});

/** Stands first in each file that a start can begin with. */
const LOADER = readFileSync(new URL('module-loader.cjs', import.meta.url), 'utf8');

/**
 * Modules by their names: code that is CommonJS.
 *
 * @typedef {ReadonlyMap<string, string>} Modules
 */

/**
 * The bundle of each library, with the single module `index`.
 *
 * @param {esbuild.BuildOptions} options
 * @returns {Promise<Map<string, Modules>>}
 */
export async function libraryModules(options) {
  const { outputFiles } = await esbuild.build({
    ...options,
    ...COMMON_JS,
    define: { ...options.define, 'import.meta.url': 'importMeta.url' },
    write: false,
  });
  return new Map(outputFiles.map(({ path, text }) => [basename(path, '.js'), new Map([['index', text]])]));
}

/**
 * The program, cut where it imports its own modules in calls: what a bundle's roots import in statements is in that
 * bundle, unless it is in one before it. Everything else is in the last.
 *
 * @param {esbuild.BuildOptions} options
 * @param {readonly { name: string, roots: readonly string[] }[]} bundles
 * @returns {Promise<Map<string, Modules>>}
 */
export async function programModules(options, bundles) {
  const { outputFiles, metafile } = await esbuild.build({
    ...options,
    format: 'esm',
    splitting: true,
    chunkNames: '[hash]',
    write: false,
    metafile: true,
  });
  const homes = homesOf(metafile.outputs, bundles);
  /** @type {Map<string, Map<string, string>>} */
  const contents = new Map();
  for (const { path, text } of outputFiles) {
    const name = basename(path, '.js');
    const home = homes.get(name) ?? '';
    contents.set(home, (contents.get(home) ?? new Map()).set(name, await commonJs(text, homes)));
  }
  return contents;
}

/**
 * The file of a bundle.
 *
 * @param {Modules} modules
 * @param {boolean} isOfProgram whether it is loaded before there is room for another text
 */
export function packed(modules, isOfProgram) {
  return bundleOf([...(modules.has('entry') ? [loader()] : []), ...modules], isOfProgram ? LARGE_TEXT : 0);
}

/**
 * The file for a start: the modules of several bundles, each by its whole name.
 *
 * @param {readonly string[]} needed
 * @param {ReadonlyMap<string, Modules>} bundles
 */
export function packedStart(needed, bundles) {
  const modules = needed.flatMap((name) =>
    [...(bundles.get(name) ?? [])].map(([part, code]) => /** @type {const} */ ([`${name}/${part}`, code])),
  );
  return bundleOf([loader(), ...modules], LARGE_TEXT);
}

/** @returns {readonly [string, string]} */
function loader() {
  return ['loader', esbuild.transformSync(LOADER, COMMON_JS).code];
}

/**
 * The bundle of each chunk.
 *
 * @param {esbuild.Metafile['outputs']} outputs
 * @param {readonly { name: string, roots: readonly string[] }[]} bundles
 */
function homesOf(outputs, bundles) {
  const chunks = new Map(Object.entries(outputs).map(([path, chunk]) => [basename(path, '.js'), chunk]));
  /** @type {Map<string, string>} */
  const homes = new Map();
  /** @param {string} name @param {string} home */
  const settle = (name, home) => {
    if (homes.has(name)) return;
    homes.set(name, home);
    for (const { path, kind, external } of chunks.get(name)?.imports ?? []) {
      if (kind === 'import-statement' && external !== true) settle(basename(path, '.js'), home);
    }
  };
  for (const { name: home, roots } of bundles) {
    for (const [name, { entryPoint = '' }] of chunks) if (roots.includes(entryPoint)) settle(name, home);
  }
  for (const name of chunks.keys()) settle(name, bundles.at(-1)?.name ?? '');
  return homes;
}

/**
 * esbuild's own translation defines a getter for each export, which takes longer than all else that most modules do.
 *
 * @param {string} text a chunk, which is an ES module whose exports stand at the end
 * @param {ReadonlyMap<string, string>} homes
 */
async function commonJs(text, homes) {
  const code = text
    .replace(/"\.\/(\w+)\.js"/g, (path, name) => (homes.has(name) ? `"./${homes.get(name)}/${name}"` : path))
    .replace(/export\{([^{}]*)\};?\s*$/, (_, names) => `module.exports={${names.split(',').map(property)}};`);
  const define = { 'import.meta.url': 'importMeta.url' };
  return (await esbuild.transform(code, { ...COMMON_JS, define })).code;
}

/** @param {string} name as in an export clause: `a` or `a as b` */
function property(name) {
  const [local = '', exported = local] = name.split(' as ');
  return `${exported}:${local}`;
}

/**
 * @param {readonly (readonly [string, string])[]} modules names, and code that is CommonJS
 * @param {number} least the length that the source is filled up to
 */
function bundleOf(modules, least = 0) {
  const functions = modules.map(([name, code]) => {
    const preamble = code.includes('importMeta') ? IMPORT_META : '';
    return `${JSON.stringify(name)}:function(require,module,__filename){"use strict";${preamble}${inAscii(code)}}`;
  });
  const source = `({${functions}})`.padEnd(least);
  return `/*${createHash('sha256').update(source).digest('hex').slice(0, DIGEST_LENGTH)}*/${source}`;
}

/**
 * Reading ASCII is fastest. What esbuild leaves in other characters are regular expressions.
 *
 * @param {string} code
 */
function inAscii(code) {
  return code.replace(/[^\0-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
