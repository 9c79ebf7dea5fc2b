// @ts-check
/**
 * What gives the program its modules. The build puts it into every file that a start can begin with, so that V8 has it
 * compiled like all else.
 */
'use strict';

/** Modules of Node that are not loaded at its own start. Libraries import some for what they rarely do. */
const LATE_BUILTINS = new Set(
  [
    'child_process',
    'crypto',
    'fs/promises',
    'http',
    'https',
    'module',
    'net',
    'os',
    'perf_hooks',
    'readline',
    'timers/promises',
    'tty',
    'url',
    'v8',
    'worker_threads',
    'zlib',
  ].flatMap((name) => [name, `node:${name}`]),
);

/**
 * Gives access to the modules in the bundles of a directory, each of which is evaluated once.
 *
 * @typedef {Readonly<Record<string, (require: (id: string) => unknown, module: { exports: unknown }, filename: string) => void>>} Functions
 * @typedef {{ readonly source: string, readonly script: import('node:vm').Script, readonly functions: Functions }} Bundle
 *
 * @param {string} directory
 * @param {string} first the name of the file that this is in; unless it is a bundle, modules are looked up there first,
 *   by their whole name
 * @param {Bundle} opened that file
 * @param {(directory: string, name: string) => Bundle} openIn reads another one
 */
module.exports = (directory, first, opened, openIn) => {
  const started = first.endsWith('.bundle') ? {} : opened.functions;
  const bundles = new Map([[first, opened]]);
  /** @type {Map<string, { exports: unknown }>} */
  const modules = new Map();

  /** Evaluates a module, named like `cli.bundle/entry`. @param {string} id */
  function load(id) {
    const known = modules.get(id);
    if (known !== undefined) return known.exports;
    const [name = '', part = ''] = id.split('/');
    const module = { exports: {} };
    modules.set(id, module);
    const evaluate = started[id] ?? open(name).functions[part];
    evaluate?.(requireIn, module, `${directory}/${name}`);
    return module.exports;
  }

  /** @param {string} name */
  function open(name) {
    const known = bundles.get(name);
    if (known !== undefined) return known;
    const bundle = openIn(directory, name);
    bundles.set(name, bundle);
    return bundle;
  }

  /** @param {string} id */
  function requireIn(id) {
    if (id.startsWith('./')) return load(id.slice(2));
    return LATE_BUILTINS.has(id) ? whenUsed(id) : require(id);
  }

  return { load, open };
};

/** A builtin module that is loaded when something in it is looked up for the first time. @param {string} id */
function whenUsed(id) {
  /** @type {Record<string | symbol, unknown> | undefined} */
  let loaded;
  const load = () => {
    loaded ??= require(id);
    return /** @type {Record<string | symbol, unknown>} */ (loaded);
  };
  return new Proxy(
    {},
    {
      get: (_, name) => load()[name],
      has: (_, name) => name in load(),
      ownKeys: () => Reflect.ownKeys(load()),
      getOwnPropertyDescriptor: (_, name) => ({
        value: load()[name],
        enumerable: true,
        configurable: true,
      }),
    },
  );
}
