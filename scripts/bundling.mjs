// @ts-check
/** What the build teaches esbuild so that a start loads nothing that the command does not use. */
import { readdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join, relative } from 'node:path';

/** @typedef {import('esbuild').Plugin} Plugin */

/** Libraries that are a part of the program's own file, since every command needs them. */
const EVERYDAY_LIBRARIES = ['commander', 'uuid'];

/**
 * Keeps the libraries that not every command needs out of the program's file: each becomes a file of its own, loaded
 * at the first use of one of its exports, whether it was imported in a statement or in a call.
 *
 * @param {string} root
 */
export async function lazyLibraries(root) {
  const used = await librariesUsed(join(root, 'src'));
  const filter = new RegExp(`^(?:${[...used.keys()].join('|')})$`);
  /** @param {string} library */
  const exportsUsed = (library) => [...(used.get(library) ?? [])];
  /** @param {string} library */
  const reexport = (library) => `export { ${exportsUsed(library)} } from ${JSON.stringify(library)};`;

  /**
   * Two layers stand for a library. The inner one is CommonJS, since only that can have getters; the outer one gives
   * it back the names and the default export of an ES module.
   *
   * @type {Plugin}
   */
  const replacements = {
    name: 'lazy-libraries',
    setup({ onResolve, onLoad }) {
      const [outer, inner] = ['library-outer', 'library-inner'];
      onResolve({ filter: /./, namespace: inner }, ({ path }) => ({ path, external: true }));
      onResolve({ filter: /./, namespace: outer }, ({ path }) => ({ path, namespace: inner }));
      onResolve({ filter }, ({ path }) => ({ path, namespace: outer }));
      onLoad({ filter: /./, namespace: outer }, ({ path }) => ({ contents: reexport(path) }));
      onLoad({ filter: /./, namespace: inner }, ({ path }) => ({
        contents: `Object.defineProperty(exports, '__esModule', { value: true });
          for (const name of ${JSON.stringify(exportsUsed(path))})
            Object.defineProperty(exports, name, {
              enumerable: true,
              get: () => require('./${fileOf(path)}.cjs')[name],
            });`,
      }));
    },
  };

  /** @type {Plugin} */
  const sources = {
    name: 'library-sources',
    setup({ onResolve, onLoad }) {
      const namespace = 'library-source';
      onResolve({ filter: /^library-source:/ }, ({ path }) => ({ path: path.slice(path.indexOf(':') + 1), namespace }));
      onLoad({ filter: /./, namespace }, ({ path }) => ({ contents: reexport(path), resolveDir: root }));
    },
  };

  const entryPoints = Object.fromEntries([...used.keys()].map((name) => [fileOf(name), `library-source:${name}`]));
  return { replacements, sources, entryPoints };
}

/** @param {string} library */
function fileOf(library) {
  return library.replace(/^@/, '').replaceAll('/', '-');
}

/**
 * The exports that the sources in a directory use of each library; all of them where an import does not name them.
 *
 * @param {string} directory
 */
async function librariesUsed(directory) {
  /** @type {Map<string, Set<string>>} */
  const used = new Map();
  for (const file of await readdir(directory, { recursive: true })) {
    if (!file.endsWith('.ts')) continue;
    for (const { library, names } of librariesIn(await readFile(join(directory, file), 'utf8'))) {
      const known = used.get(library) ?? [];
      used.set(library, new Set([...known, ...(names ?? (await exportsOf(library)))]));
    }
  }
  return used;
}

/** @param {string} text the source of a module */
function librariesIn(text) {
  const statements = [...text.matchAll(/^(?:import|export)\s+(?!type\b)([^;'"]*?)\s+from\s+'([^'.][^']*)'/gm)];
  const calls = [...text.matchAll(/\bimport\('([^'.][^']*)'\)/g)];
  return [
    ...statements.map(([, clause = '', library = '']) => ({ library, names: namesIn(clause) })),
    ...calls.map(([, library = '']) => ({ library, names: null })),
  ].filter(({ library }) => !library.startsWith('node:') && !EVERYDAY_LIBRARIES.includes(library));
}

/** @param {string} clause what stands between `import` and `from` */
function namesIn(clause) {
  const parts = /^(\w+)?,?\s*(?:\{([^{}]*)\})?$/.exec(clause);
  if (parts === null) return null;
  const named = (parts[2] ?? '').split(',').map((name) => name.trim().replace(/\s+as\s+.*$/s, ''));
  const values = named.filter((name) => name !== '' && !name.startsWith('type '));
  return parts[1] === undefined ? values : ['default', ...values];
}

/** @param {string} library */
async function exportsOf(library) {
  return Object.keys(await import(library)).filter((name) => name !== 'module.exports');
}

/**
 * Bundles the JavaScript of better-sqlite3 for use with the addon that it was written for; where another version is
 * installed, its own JavaScript is used.
 *
 * @param {string} root
 * @returns {Plugin}
 */
export function matchingAddon(root) {
  const require = createRequire(import.meta.url);
  const library = `./${relative(root, require.resolve('better-sqlite3'))}`;
  const { version } = require('better-sqlite3/package.json');
  return {
    name: 'matching-addon',
    setup({ onResolve, onLoad }) {
      const namespace = 'matching-addon';
      onResolve({ filter: /^better-sqlite3(?:\/package\.json)?$/ }, ({ path, namespace: from }) =>
        from === namespace || path.endsWith('.json') ? { path, external: true } : { path, namespace },
      );
      onLoad({ filter: /./, namespace }, () => ({
        contents: `module.exports = require('better-sqlite3/package.json').version === ${JSON.stringify(version)}
          ? require(${JSON.stringify(library)})
          : require('better-sqlite3');`,
        resolveDir: root,
      }));
    },
  };
}
