// @ts-check
/** What the build teaches esbuild so that a start loads nothing that the command does not use. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** @typedef {import('esbuild').Plugin} Plugin */

/** Libraries that are a part of the program's own file, since every command needs them. */
const EVERYDAY_LIBRARIES = ['commander'];

/** Libraries that are addons: they stay where npm has put them. */
export const ADDONS = ['@napi-rs/keyring'];

const SQLITE_ADDON = 'better-sqlite3/build/Release/better_sqlite3.node';

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
  const namesOf = (library) => [...(used.get(library)?.names ?? [])];

  /**
   * Two layers stand for a library that is imported in statements. The inner one is CommonJS, since only that can have
   * getters; the outer one gives it back the names and the default export of an ES module.
   *
   * @type {Plugin}
   */
  const replacements = {
    name: 'lazy-libraries',
    setup({ onResolve, onLoad }) {
      const [outer, inner] = ['library-outer', 'library-inner'];
      onResolve({ filter: /\.bundle\/index$/ }, ({ path }) => ({ path, external: true }));
      onResolve({ filter, namespace: outer }, ({ path }) => ({ path, namespace: inner }));
      onResolve({ filter }, ({ path, kind }) => {
        const isCall = kind === 'dynamic-import';
        return isCall ? { path: `./${bundleName(path)}/index`, external: true } : { path, namespace: outer };
      });
      onLoad({ filter: /./, namespace: outer }, ({ path }) => ({ contents: reexport(namesOf(path), path) }));
      onLoad({ filter: /./, namespace: inner }, ({ path }) => ({
        contents: `Object.defineProperty(exports, '__esModule', { value: true });
          for (const name of ${JSON.stringify(namesOf(path))})
            Object.defineProperty(exports, name, {
              enumerable: true,
              get: () => require('./${bundleName(path)}/index')[name],
            });`,
      }));
    },
  };

  /** @type {Plugin} */
  const sources = {
    name: 'library-sources',
    setup({ onResolve, onLoad }) {
      const namespace = 'library-source';
      onResolve({ filter: /^library-source:/ }, ({ path }) => ({
        path: path.replace(/^.*?:/, ''),
        namespace,
      }));
      onLoad({ filter: /./, namespace }, async ({ path }) => ({
        contents: reexport(used.get(path)?.isWhole ? await exportsOf(path) : namesOf(path), path),
        resolveDir: root,
      }));
    },
  };

  const entryPoints = [...used.keys()].map((name) => ({
    in: `library-source:${name}`,
    out: bundleName(name),
  }));
  return { replacements, sources, entryPoints };
}

/** @param {readonly string[]} names @param {string} from */
function reexport(names, from) {
  return `export { ${names} } from '${from}';`;
}

/** @param {string} library */
function bundleName(library) {
  return `${library.replace(/^@/, '').replaceAll('/', '-')}.bundle`;
}

/**
 * What the sources in a directory use of each library: the names that they import in statements, and whether they
 * import the whole in a call.
 *
 * @param {string} directory
 */
async function librariesUsed(directory) {
  /** @type {Map<string, { names: Set<string>, isWhole: boolean }>} */
  const used = new Map();
  for (const file of await readdir(directory, { recursive: true })) {
    if (!file.endsWith('.ts')) continue;
    for (const { library, clause } of importsIn(await readFile(join(directory, file), 'utf8'))) {
      if (library.startsWith('node:') || [...EVERYDAY_LIBRARIES, ...ADDONS].includes(library)) continue;
      const known = used.get(library) ?? { names: new Set(), isWhole: false };
      const names = clause === null ? [] : (namesIn(clause) ?? (await exportsOf(library)));
      used.set(library, {
        names: new Set([...known.names, ...names]),
        isWhole: known.isWhole || clause === null,
      });
    }
  }
  return used;
}

/**
 * The libraries that a module imports, each with what stands between `import` and `from`; null for a call.
 *
 * @param {string} text
 */
function importsIn(text) {
  const statements = text.matchAll(/^(?:import|export)\s+(?!type\b)([^;'"]*?)\s+from\s+'([^'.][^']*)'/gm);
  const calls = text.matchAll(/\bimport\('([^'.][^']*)'\)/g);
  return [
    ...Array.from(statements, ([, clause = '', library = '']) => ({ library, clause })),
    ...Array.from(calls, ([, library = '']) => ({ library, clause: null })),
  ];
}

/**
 * The names in an import clause; null when it is for the whole.
 *
 * @param {string} clause
 */
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
 * Gives better-sqlite3, whose JavaScript is bundled, its addon, which stays where npm has put it: mostly beside the
 * program. It would otherwise search a dozen places.
 *
 * @type {Plugin}
 */
export const sqliteAddon = {
  name: 'sqlite-addon',
  setup({ onResolve, onLoad }) {
    const namespace = 'sqlite-addon';
    onResolve({ filter: /^bindings$/ }, ({ path }) => ({ path, namespace }));
    onResolve({ filter: /\.node$/, namespace }, ({ path }) => ({ path, external: true }));
    onLoad({ filter: /./, namespace }, () => ({
      contents: `module.exports = () => {
        const addon = { exports: {} };
        try {
          process.dlopen(addon, __filename.replace(/dist.[^/\\\\]+$/, 'node_modules/${SQLITE_ADDON}'));
          return addon.exports;
        } catch (cause) {
          try {
            return require('${SQLITE_ADDON}');
          } catch (fault) {
            fault.cause ??= cause;
            throw fault;
          }
        }
      };`,
    }));
  },
};
