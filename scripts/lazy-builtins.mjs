// @ts-check
/** Modules of Node that cost a start more than they are worth until something uses them. */
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);

/** Those that `node -e 0` has not loaded already, as far as the program and its libraries import them. */
const LAZY = ['child_process', 'crypto', 'module', 'os', 'tty', 'url', 'v8', 'vm', 'zlib'];

/**
 * Puts a stand-in in the place of each of these modules, which loads the real one when something of it is used.
 *
 * @type {import('esbuild').Plugin}
 */
export const lazyBuiltins = {
  name: 'lazy-builtins',
  setup({ onResolve, onLoad }) {
    const namespace = 'lazy-builtin';
    onResolve({ filter: new RegExp(`^(?:node:)?(?:${LAZY.join('|')})$`) }, ({ path, namespace: from }) =>
      from === namespace ? { path, external: true } : { path: path.replace(/^node:/, ''), namespace },
    );
    onLoad({ filter: /./, namespace }, ({ path }) => ({
      contents: `for (const name of ${JSON.stringify(Object.keys(require(`node:${path}`)))})
        Object.defineProperty(exports, name, { enumerable: true, get: () => require('node:${path}')[name] });`,
    }));
    // The module is the global object that every program has anyway.
    onResolve({ filter: /^(?:node:)?process$/ }, () => ({ path: 'process', namespace: 'global-object' }));
    onLoad({ filter: /./, namespace: 'global-object' }, () => ({ contents: 'module.exports = globalThis.process;' }));
  },
};
