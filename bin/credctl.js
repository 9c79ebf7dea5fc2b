#!/usr/bin/env node
'use strict';

const { readFileSync, writeSync } = require('node:fs');
const { join } = require('node:path');
const { Script } = require('node:vm');

const OLDEST_NODE = [20, 17];

/** Length of the comment that starts both a bundle and its code cache, to tell which belong together. */
const STAMP_LENGTH = 32;

/** Modules of Node that are not loaded at its own start. Libraries import some for what they rarely do. */
const LATE_BUILTINS = new Set(
  ['child_process', 'crypto', 'fs/promises', 'http', 'https', 'module', 'net', 'os', 'perf_hooks', 'readline', 'tty']
    .concat('worker_threads')
    .flatMap((name) => [name, `node:${name}`]),
);

/**
 * Gives access to the bundles in a directory. Each is evaluated, once, with the code that V8 compiled for it at build
 * time; where there is none, or another Node wrote it, or it belongs to another bundle, V8 compiles as usual.
 */
function bundlesIn(directory) {
  const scripts = new Map();
  const modules = new Map();

  function load(name) {
    const known = modules.get(name);
    if (known !== undefined) return known.exports;
    const filename = join(directory, name);
    const source = readFileSync(filename, 'latin1');
    const cachedData = readCodeCache(filename, source.slice(0, STAMP_LENGTH));
    const script = new Script(`(function(exports,require,module,__filename,__dirname){${source}\n})`, {
      filename,
      cachedData,
    });
    const bundle = { exports: {} };
    scripts.set(name, script);
    modules.set(name, bundle);
    script.runInThisContext()(bundle.exports, requireIn, bundle, filename, directory);
    return bundle.exports;
  }

  function requireIn(id) {
    if (id.startsWith('./')) return load(id.slice(2));
    return LATE_BUILTINS.has(id) ? whenUsed(id) : require(id);
  }

  return { load, scripts };
}

/** A builtin module that is loaded when something in it is looked up. */
function whenUsed(id) {
  return new Proxy(
    {},
    {
      get: (_, name) => require(id)[name],
      has: (_, name) => name in require(id),
      ownKeys: () => Reflect.ownKeys(require(id)),
      getOwnPropertyDescriptor: (_, name) => ({ value: require(id)[name], enumerable: true, configurable: true }),
    },
  );
}

function readCodeCache(filename, stamp) {
  try {
    const file = readFileSync(`${filename}.cache`);
    return file.latin1Slice(0, STAMP_LENGTH) === stamp ? file.subarray(STAMP_LENGTH) : undefined;
  } catch {
    return undefined;
  }
}

function start() {
  process.on('uncaughtException', endUnexpectedly);
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major < OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor < OLDEST_NODE[1])) {
    end(`Node.js ${OLDEST_NODE.join('.')} or newer is needed, this is ${process.versions.node}`, 'update Node.js');
  }
  run(process.argv.slice(2)).then((code) => {
    process.exitCode = code;
  }, endUnexpectedly);
}

function run(argv) {
  try {
    return bundlesIn(join(__dirname, '..', 'dist')).load('cli.cjs').run(argv);
  } catch (fault) {
    if (!fault || fault.code !== 'ENOENT') throw fault;
    return end('the program has not been built', "run 'npm run build' in its directory");
  }
}

/** The last resort for what the program itself did not turn into an exit code. */
function endUnexpectedly(fault) {
  if (process.env.CREDCTL_DEBUG === '1') writeSync(2, `${(fault && fault.stack) || fault}\n`);
  end('something went wrong that should not have', 'run it again with CREDCTL_DEBUG=1 and report what it prints');
}

function end(message, hint) {
  const error = { code: 'unexpected', message, hint };
  const text = process.argv.includes('--json')
    ? JSON.stringify({ schema_version: 1, error })
    : `credctl: ${message}\nhint: ${hint}`;
  try {
    writeSync(2, `${text}\n`);
  } finally {
    process.exit(1);
  }
}

if (require.main === module) start();
else module.exports = { bundlesIn, STAMP_LENGTH };
