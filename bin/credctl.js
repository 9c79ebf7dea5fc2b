#!/usr/bin/env node
'use strict';

const OLDEST_NODE = [20, 17];

/** V8 wants its code at a multiple of eight. */
const HEADER_LENGTH = 8;

/** What is run most has a file of its own, by the first argument: with all that it needs, and nothing else. */
const STARTS = new Map([
  ['list', 'list.start'],
  ['create', 'create.start'],
  ['--help', 'help.start'],
  ['-h', 'help.start'],
  ['--version', 'help.start'],
]);

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
 * A bundle holds the length of its source; the source, an object of modules as functions; and the code that V8 compiled
 * for it at build time. If another version of Node did that, V8 notices and compiles as usual.
 *
 * @param {string} directory
 * @param {string} [start] a file of the same kind in which modules are looked up first, by their whole name
 */
function bundlesIn(directory, start) {
  const { readFileSync } = require('node:fs');
  const { Script } = require('node:vm');
  const bundles = new Map();
  const modules = new Map();

  /** Evaluates a module, named like `cli.bundle/entry`. */
  function load(id) {
    const known = modules.get(id);
    if (known !== undefined) return known.exports;
    const [name, part] = id.split('/');
    const module = { exports: {} };
    modules.set(id, module);
    const evaluate = started[id] ?? open(name).functions[part];
    evaluate(requireIn, module, `${directory}/${name}`);
    return module.exports;
  }

  function open(name) {
    const known = bundles.get(name);
    if (known !== undefined) return known;
    const file = readFileSync(`${directory}/${name}`);
    const end = HEADER_LENGTH + file.readUInt32LE(0);
    const cachedData = file.length > end ? file.subarray(end) : undefined;
    // V8's code holds the name: the whole path would be that of the build.
    const script = new Script(file.toString('latin1', HEADER_LENGTH, end), { filename: name, cachedData });
    const bundle = { script, functions: script.runInThisContext() };
    bundles.set(name, bundle);
    return bundle;
  }

  function requireIn(id) {
    if (id.startsWith('./')) return load(id.slice(2));
    return LATE_BUILTINS.has(id) ? whenUsed(id) : require(id);
  }

  const started = start === undefined ? {} : open(start).functions;
  return { load, open };
}

/** A builtin module that is loaded when something in it is looked up for the first time. */
function whenUsed(id) {
  let loaded;
  const load = () => {
    loaded ??= require(id);
    return loaded;
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

function start() {
  process.on('uncaughtException', endUnexpectedly);
  let program;
  try {
    program = bundlesIn(`${__dirname}/../dist`, STARTS.get(process.argv[2])).load('cli.bundle/entry');
  } catch (fault) {
    if (fault.code !== 'ENOENT') throw fault;
    end('the program has not been built', "run 'npm run build' in its directory");
    return;
  }
  // Ending at once spares what Node would tidy up. Nothing is lost, since all output has been written by then.
  program.run(process.argv.slice(2)).then((code) => process.exit(code), endUnexpectedly);
}

/** The last resort for what the program itself did not turn into an exit code. */
function endUnexpectedly(fault) {
  if (process.env.CREDCTL_DEBUG === '1')
    process.stderr.write(`${fault instanceof Error ? fault.stack : fault}\n`);
  end(
    'something went wrong that should not have',
    'run it again with CREDCTL_DEBUG=1 and report what it prints',
  );
}

function end(message, hint) {
  const error = { code: 'unexpected', message, hint };
  const text = process.argv.includes('--json')
    ? JSON.stringify({ schema_version: 1, error })
    : `credctl: ${message}\nhint: ${hint}`;
  process.exitCode = 1;
  process.stderr.write(`${text}\n`, () => process.exit());
}

function isTooOld() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  return major < OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor < OLDEST_NODE[1]);
}

if (require.main !== module) module.exports = { bundlesIn, HEADER_LENGTH };
else if (isTooOld())
  end(
    `Node.js ${OLDEST_NODE.join('.')} or newer is needed, this is ${process.versions.node}`,
    'update Node.js',
  );
else start();
